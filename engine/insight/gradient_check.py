"""The gradient check: what backpropagation computes, held against central differences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.program.network import Network, ParameterSlice
from engine.program.program import Program
from engine.randomness import Purpose, stream

__all__ = ["BlockCheck", "check_gradients"]

WIDTHS = (1e-5, 1e-6, 1e-7)
"""Half the distance of the two points of a difference, for parameters around 1. The first is about
the best one in double precision; the others come nearer where the loss bends sharply."""
GOOD = 1e-6
"""A relative error below this is not looked into any further."""
FLOOR = 1e-5
"""Below this, gradients are compared absolutely: what is left of them are rounding errors."""
NOISE = 4e-15
"""Rounding errors of a loss around 1, generously."""


@dataclass(frozen=True)
class BlockCheck:
    """One block of parameters: the worst place, and what both ways say about it.

    ``checked`` places ``of`` all were looked at; ``kinks`` of them have no derivative and do not
    count. ``index`` is None where none is left.
    """

    name: str
    checked: int
    of: int
    kinks: int
    largest_relative_error: float
    index: tuple[int, ...] | None
    analytic: float
    numeric: float


@dataclass(frozen=True)
class _Comparison:
    error: float
    analytic: float
    numeric: float
    kink: bool
    offset: int


def check_gradients(
    program: Program,
    network: Network,
    x: NDArray[Any],
    targets: NDArray[Any],
    *,
    step_key: np.uint64,
    most: int = 200,
    seed: int = 0,
) -> tuple[BlockCheck, ...]:
    """Compare dL/dtheta with (L(theta + w) - L(theta - w)) / 2w, block by block.

    ``program`` must compute in float64, without penalties, and hold the parameters; they are the
    same afterwards. Of a block with more than ``most`` parameters a random sample is checked. The
    relative error of a and n is |a - n| / max(|a|, |n|, 1e-5); where it is large, smaller widths
    are tried. A place where the slopes on either side keep differing however near they are taken
    is a kink, such as a ReLU at zero: no derivative exists there to compare with.
    """
    program.loss_and_gradient(x, targets, step_key)
    gradient = program.gradient.copy()
    generator = stream(seed, Purpose.SAMPLE)
    slopes = partial(_slopes, program, x, targets, step_key)
    checks = []
    for place in network.places.values():
        size = place.stop - place.start
        chosen = np.sort(generator.choice(size, min(size, most), replace=False))
        found = [
            _compare(slopes, place, offset, float(gradient[place.start + offset]))
            for offset in chosen.tolist()
        ]
        checks.append(_summary(place, found))
    return tuple(checks)


def _slopes(
    program: Program,
    x: NDArray[Any],
    targets: NDArray[Any],
    step_key: np.uint64,
    position: int,
    width: float,
) -> tuple[float, float, float]:
    """(L(theta + w) - L(theta - w)) / 2w, the difference of the slopes on either side, and L."""
    value = float(program.theta[position])
    width *= max(1.0, abs(value))

    def loss(at: float) -> float:
        program.theta[position] = at
        program.load(x, targets)
        program.forward(step_key, training=True)
        return program.loss()

    above, below, here = loss(value + width), loss(value - width), loss(value)
    return (above - below) / (2 * width), (above - 2 * here + below) / width, here


def _compare(slopes: Any, place: ParameterSlice, offset: int, analytic: float) -> _Comparison:
    position = place.start + offset
    tried = []
    bends = []
    for width in WIDTHS:
        numeric, bend, height = slopes(position, width)
        error = abs(analytic - numeric) / max(abs(analytic), abs(numeric), FLOOR)
        tried.append(_Comparison(error, analytic, numeric, kink=False, offset=offset))
        bends.append((abs(bend), NOISE * max(1.0, abs(height)) / width))
        if error < GOOD:
            return tried[-1]
    best = min(tried, key=lambda comparison: comparison.error)
    return _Comparison(best.error, analytic, best.numeric, _is_kink(bends), offset)


def _is_kink(bends: list[tuple[float, float]]) -> bool:
    """Whether the slopes on either side differ as much at a tenth of the width.

    A smooth curve bends in proportion to the width. ``bends`` has the differences, each with how
    much of it rounding may be.
    """
    (wide, _), (narrow, rounding) = bends[0], bends[1]
    return narrow > rounding and narrow > 0.3 * wide


def _summary(place: ParameterSlice, found: list[_Comparison]) -> BlockCheck:
    smooth = [comparison for comparison in found if not comparison.kink]
    # An error that is not a number is the worst of all.
    worst = max(
        smooth,
        key=lambda comparison: np.nan_to_num(comparison.error, nan=np.inf),
        default=_Comparison(0.0, 0.0, 0.0, kink=False, offset=-1),
    )
    index = np.unravel_index(worst.offset, place.block.shape) if smooth else None
    return BlockCheck(
        name=place.name,
        checked=len(found),
        of=place.stop - place.start,
        kinks=len(found) - len(smooth),
        largest_relative_error=worst.error,
        index=None if index is None else tuple(int(i) for i in index),
        analytic=worst.analytic,
        numeric=worst.numeric,
    )
