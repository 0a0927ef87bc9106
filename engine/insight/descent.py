"""Descent: an optimizer's path over an analytic surface."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from engine.insight.surfaces import Point, Surface
from engine.kernels import interpreted_kernel
from engine.optimizers import Optimizer
from engine.schedules import Constant, Schedule

__all__ = ["Descent", "descend"]

FAR = 1e12
"""The distance from the origin beyond which a path counts as diverged."""


@dataclass(frozen=True, eq=False)
class Descent:
    """A path: ``points`` (steps + 1, 2) with the start first, and the height at each.

    ``diverged`` ends the path at its last finite point. ``distance`` is how far its end is from
    the nearest minimum, None where the surface has none.
    """

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    diverged: bool
    distance: float | None


def descend(
    surface: Surface,
    optimizer: Optimizer,
    start: Point,
    steps: int,
    schedule: Schedule | None = None,
) -> Descent:
    """Follow theta <- theta - eta u(grad f) from the start; a step counts as an epoch.

    The kernels are those that train networks, in float64. For two numbers they run as plain
    Python, which takes less time than to load their machine code.
    """
    update = interpreted_kernel("update", optimizer.kernel())
    theta = np.array(start, np.float64)
    slots = np.zeros((len(optimizer.slots()), 2))
    scalars = np.zeros(optimizer.scalars())
    blocks = np.array([[0, 2, 2]], np.int64)
    constants = np.array(optimizer.constants(), np.float64)
    factors = (schedule or Constant()).factors(np.arange(steps, dtype=np.float64), steps, 1)
    points, diverged = [theta.copy()], False
    for step, factor in enumerate(factors, start=1):
        gradient = np.array(surface.gradient(float(theta[0]), float(theta[1])))
        rate = float(optimizer.learning_rate * factor)
        update(theta, gradient, slots, scalars, blocks, rate, step, 0, 2, constants)
        if not (np.isfinite(theta).all() and np.abs(theta).max() < FAR and _finite(surface, theta)):
            diverged = True
            break
        points.append(theta.copy())
    path = np.array(points)
    values = np.array([surface.value(float(x), float(y)) for x, y in path])
    ends = [float(np.hypot(*(path[-1] - np.array(minimum)))) for minimum in surface.minima]
    return Descent(path, values, diverged, min(ends, default=None))


def _finite(surface: Surface, theta: NDArray[np.float64]) -> bool:
    try:
        return isfinite(surface.value(float(theta[0]), float(theta[1])))
    except OverflowError:
        return False
