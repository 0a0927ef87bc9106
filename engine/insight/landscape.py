"""The loss landscape around a network: slices of L(theta) along one or two directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.metrics import LOSS, ROWS
from engine.program.network import Network
from engine.program.program import Program
from engine.randomness import Purpose, stream

__all__ = ["Landscape", "between", "random_directions", "slice_loss"]

Vector = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Landscape:
    """Losses on a line (n,) or on a grid (n, n), rows along the first direction.

    ``positions`` are the coordinates along every direction; 0 is the network itself. A loss that
    is not finite is NaN.
    """

    positions: NDArray[np.float64]
    losses: NDArray[np.float64]


def random_directions(network: Network, theta: Vector, count: int, seed: int) -> list[Vector]:
    """Random directions as long as the weights of each unit are: filter-normalized.

    Without that, a network whose weights are large looks flatter than it is, although scaling a
    ReLU layer up and the next one down changes nothing. Biases do not move.

    Source: Li et al., "Visualizing the loss landscape of neural nets", 2018, section 4.
    """
    return [_random_direction(network, theta, seed, index) for index in range(count)]


def _random_direction(network: Network, theta: Vector, seed: int, index: int) -> Vector:
    generator = stream(seed, Purpose.DIRECTION, index)
    direction = np.zeros_like(theta)
    for place in network.weights:
        weights = place.view(theta)
        noise = generator.normal(size=weights.shape)
        lengths = np.linalg.norm(weights, axis=1) / np.linalg.norm(noise, axis=1)
        place.view(direction)[:] = noise * lengths[:, None]
    return direction


def between(theta: Vector, other: Vector) -> list[Vector]:
    """The one direction that leads from a network, at 0, to another, at 1."""
    return [other - theta]


def slice_loss(
    program: Program,
    x: NDArray[Any],
    targets: NDArray[Any],
    directions: list[Vector],
    positions: NDArray[np.float64],
) -> Landscape:
    """L(theta + a d), or L(theta + a d + b e) for two directions, over the rows given.

    The program's parameters are the same afterwards.
    """
    theta = program.theta.copy()
    shape = (len(positions),) * len(directions)
    losses = np.empty(shape)
    for place in np.ndindex(shape):
        program.theta[:] = theta
        for axis, direction in enumerate(directions):
            program.theta[:] += theta.dtype.type(positions[place[axis]]) * direction
        totals = program.totals()
        program.evaluate(x, targets, totals)
        losses[place] = totals[LOSS] / totals[ROWS]
    program.theta[:] = theta
    return Landscape(positions, np.where(np.isfinite(losses), losses, np.nan))
