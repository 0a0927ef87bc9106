"""Times one contestant on one shape in this process.

Usage: `python -m benchmarks.contestants NAME SHAPE THREADS`.
The caller has set the number of BLAS threads in the environment. Prints a JSON list of seconds.
"""

import json
import os
import sys
from collections.abc import Iterator
from importlib import import_module

from benchmarks.shapes import SHAPES

UNTIMED = 3
TIMED = 5
SECONDS = 0.5
"""Short epochs are timed for so long, that one interruption does not decide."""


def pin(threads: int) -> None:
    """Hold the process on as many cores as it may use threads, whatever its libraries start."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def timed(epochs: Iterator[float]) -> list[float]:
    """Seconds of each epoch after the untimed ones."""
    for _ in range(UNTIMED):
        next(epochs)
    seconds: list[float] = []
    while len(seconds) < TIMED or sum(seconds) < SECONDS:
        seconds.append(next(epochs))
    return seconds


def main(name: str, shape: str, threads: int) -> None:
    pin(threads)
    contestant = import_module(f"benchmarks.contestants.{name}")
    json.dump(timed(contestant.epochs(SHAPES[shape])), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
