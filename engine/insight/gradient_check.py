"""The gradient check: what backpropagation computes, held against central differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.network import Network
from engine.program import Program
from engine.randomness import Purpose, stream

__all__ = ["BlockCheck", "check_gradients"]

WIDTH = 1e-6
"""Half the distance of the two points of a difference, for parameters around 1."""
FLOOR = 1e-8
"""Gradients below this are compared absolutely: a relative error of nothing means nothing."""


@dataclass(frozen=True)
class BlockCheck:
    """One block of parameters: the worst place, and what both ways say about it."""

    name: str
    checked: int
    of: int
    largest_relative_error: float
    index: tuple[int, ...]
    analytic: float
    numeric: float


def check_gradients(
    program: Program,
    network: Network,
    x: NDArray[Any],
    targets: NDArray[Any],
    *,
    noise: np.uint64,
    most: int = 200,
    seed: int = 0,
) -> tuple[BlockCheck, ...]:
    """Compare dL/dtheta with (L(theta + w) - L(theta - w)) / 2w, block by block.

    ``program`` must compute in float64 and hold the parameters; they are the same afterwards. Of a
    block with more than ``most`` parameters a random sample is checked. The relative error of a
    and n is |a - n| / max(|a|, |n|, 1e-8); near a kink (a ReLU at zero) a large one is no fault.
    """
    program.gradients(x, targets, noise)
    gradient = program.gradient.copy()
    generator = stream(seed, Purpose.SAMPLE)

    def loss(position: int, value: float) -> float:
        kept = program.theta[position]
        program.theta[position] = value
        program.load(x, targets)
        program.forward(noise, training=True)
        result = program.loss()
        program.theta[position] = kept
        return result

    def compare(position: int) -> tuple[float, float, float]:
        value = float(program.theta[position])
        width = WIDTH * max(1.0, abs(value))
        numeric = (loss(position, value + width) - loss(position, value - width)) / (2 * width)
        analytic = float(gradient[position])
        scale = max(abs(analytic), abs(numeric), FLOOR)
        return abs(analytic - numeric) / scale, analytic, numeric

    checks = []
    for place in network.places.values():
        size = place.stop - place.start
        chosen = np.sort(generator.choice(size, min(size, most), replace=False))
        errors = [(*compare(place.start + int(offset)), int(offset)) for offset in chosen]
        error, analytic, numeric, offset = max(errors)
        checks.append(
            BlockCheck(
                name=place.name,
                checked=len(chosen),
                of=size,
                largest_relative_error=error,
                index=tuple(int(i) for i in np.unravel_index(offset, place.block.shape)),
                analytic=analytic,
                numeric=numeric,
            )
        )
    return tuple(checks)
