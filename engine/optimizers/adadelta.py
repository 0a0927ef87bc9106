"""Adadelta: steps in the parameters' own units, so that no learning rate is needed."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from engine.kernels import Array, Kernel, Number
from engine.optimizers.base import Optimizer, Slot

__all__ = ["Adadelta"]


@dataclass(frozen=True, kw_only=True)
class Adadelta(Optimizer):
    """Steps as large as the recent steps were, relative to the recent gradients.

    With g the gradient, E the running mean of its square and D that of the squared steps (two
    slots)::

        E     <- rho E + (1 - rho) g^2
        s     =  sqrt(D + epsilon) / sqrt(E + epsilon) g
        D     <- rho D + (1 - rho) s^2
        theta <- theta - eta s

    The paper has no learning rate: that is the default eta of 1.

    Source: Zeiler, "Adadelta: an adaptive learning rate method", 2012, algorithm 1.
    """

    __equation__ = (
        r"\theta \leftarrow \theta - \frac{\sqrt{D + \epsilon}}{\sqrt{E + \epsilon}} \, g"
    )
    remembered = (
        Slot("mean_square_gradient", "E", r"E \leftarrow \rho E + (1 - \rho) g^2"),
        Slot(
            "mean_square_step",
            "D",
            r"D \leftarrow \rho D + (1 - \rho) \frac{D + \epsilon}{E + \epsilon} g^2",
        ),
    )
    kind: Literal["adadelta"] = "adadelta"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 1.0
    """A factor for the step; 1 is the method as published, which needs no learning rate."""
    rho: Annotated[float, Ge(0), Lt(1)] = 0.95
    """The decay of both running means."""
    epsilon: Annotated[float, Gt(0)] = 1e-6
    """Starts the first steps, and keeps the division finite."""

    def constants(self) -> tuple[float, ...]:
        return (self.rho, 1.0 - self.rho, self.epsilon)

    @classmethod
    def kernel(cls) -> Kernel:
        return adadelta


def adadelta(
    theta: Array,
    gradient: Array,
    slots: Array,
    rate: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    """One step over the flat vector."""
    eta = theta.dtype.type(rate)
    rho, rest, epsilon = constants
    theta, gradient = theta[start:stop], gradient[start:stop]
    squares, steps = slots[0][start:stop], slots[1][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        squares[i] = rho * squares[i] + rest * g * g
        s = np.sqrt((steps[i] + epsilon) / (squares[i] + epsilon)) * g
        steps[i] = rho * steps[i] + rest * s * s
        theta[i] -= eta * s
