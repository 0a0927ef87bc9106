"""Central differences of a program's loss: the gradient without any calculus.

The difference quotient is of fourth order. Where two step sizes disagree, a kink (of a ReLU, of
an absolute value) lies between the points, and the quotient means nothing: such samples are
drawn anew. Whether they disagree does not depend on the gradient that is being checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine import Regularizer
from engine.losses import TaskKind
from engine.program.program import Program
from tests.engine.samples import targets_for

__all__ = ["assert_gradient_is_right", "assert_same", "numerical_gradient"]

STEP = 1e-4
SMOOTH = 1e-6
"""By how much the quotients of two step sizes may differ without a kink."""
TOLERANCE = 1e-6
ROUNDING = 1e-10
"""What the rounding of the loss makes of a derivative that is zero."""

Vector = NDArray[np.float64]


def numerical_gradient(loss: Callable[[], float], theta: Vector) -> Vector | None:
    """The gradient of ``loss`` in ``theta``, which is moved and put back; None beside a kink."""
    gradient = np.empty_like(theta)
    for k, value in enumerate(theta):
        losses = []
        for steps in (-2, -1, 1, 2):
            theta[k] = value + steps * STEP
            losses.append(loss())
        theta[k] = value
        far, near = (losses[3] - losses[0]) / (4 * STEP), (losses[2] - losses[1]) / (2 * STEP)
        if abs(far - near) > SMOOTH * max(1.0, abs(near)):
            return None
        gradient[k] = (4 * near - far) / 3
    return gradient


def assert_same(analytic: Vector, numerical: Vector) -> None:
    """Every component agrees to a relative error of 1e-6."""
    scale = np.maximum(np.abs(analytic), np.abs(numerical))
    worst = int(np.argmax(np.abs(analytic - numerical) - TOLERANCE * scale))
    assert np.all(np.abs(analytic - numerical) <= TOLERANCE * scale + ROUNDING), (
        f"component {worst}: {analytic[worst]!r}, by differences {numerical[worst]!r}"
    )


def assert_gradient_is_right(
    build: Callable[[int], Program],
    task: TaskKind,
    regularizers: Sequence[Regularizer] = (),
    rows: int = 4,
) -> None:
    """Check a program on samples away from kinks; its noise is the same at every point."""
    for seed in range(100):
        program = build(seed)
        random = np.random.default_rng(1000 + seed)
        x = random.normal(size=(rows, program.network.inputs))
        targets = targets_for(task, random, rows)
        noise = np.uint64(seed + 7)

        def loss(
            program: Program = program,
            x: Vector = x,
            targets: Vector = targets,
            noise: np.uint64 = noise,
        ) -> float:
            weights = np.concatenate(
                [program.theta[place.start : place.stop] for place in program.network.weights]
            )
            penalties = sum(regularizer.value(weights) for regularizer in regularizers)
            return program.loss_and_gradient(x, targets, noise) + penalties

        numerical = numerical_gradient(loss, program.theta)
        if numerical is not None:
            program.loss_and_gradient(x, targets, noise)
            assert_same(program.gradient, numerical)
            return
    raise AssertionError("no sample away from kinks among a hundred")
