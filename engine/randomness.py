"""Every random number of a run, from one seed.

A stream is named by what it is for and by where in the run it is used, and is made anew each
time. Nothing has to be saved to go on: epoch 7 of a resumed run shuffles as epoch 7 always does.
"""

from enum import IntEnum

import numpy as np

__all__ = ["Purpose", "draw_seed", "key", "seed_of_fold", "stream"]


class Purpose(IntEnum):
    """What a stream is for; the numbers are part of the reproducible result, so keep them."""

    INITIALIZE = 0
    SPLIT = 1
    SHUFFLE = 2
    NOISE = 3
    SAMPLE = 4
    DIRECTION = 5
    FOLD = 7


def stream(seed: int, purpose: Purpose, *place: int) -> np.random.Generator:
    """A generator for one purpose at one place (an epoch, a layer) of the run."""
    return np.random.Generator(
        np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(int(purpose), *place)))
    )


def key(seed: int, purpose: Purpose) -> np.uint64:
    """A 64-bit key for the counter-based numbers that are drawn inside compiled code."""
    words = np.random.SeedSequence(seed, spawn_key=(int(purpose),)).generate_state(1, np.uint64)
    return np.uint64(words[0])


def seed_of_fold(seed: int, fold: int) -> int:
    """The seed of a fold's own training; that of fold 0 is ``seed`` itself."""
    if fold == 0:
        return seed
    words = np.random.SeedSequence(seed, spawn_key=(int(Purpose.FOLD), fold))
    return int(words.generate_state(1, np.uint64)[0]) >> 11


def draw_seed() -> int:
    """A fresh seed from the operating system, small enough for every JSON reader (< 2**53)."""
    return int(np.random.SeedSequence().generate_state(1, np.uint64)[0]) >> 11
