"""Adagrad: step sizes that shrink with what each parameter has seen."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from engine.kernels import Array, Kernel, Number
from engine.optimizers.base import Optimizer, Slot

__all__ = ["Adagrad"]


@dataclass(frozen=True, kw_only=True)
class Adagrad(Optimizer):
    """The adaptive gradient method: rare features keep large steps, frequent ones get small ones.

    With g the gradient and G the sum of its squares so far (one slot)::

        G     <- G + g^2
        theta <- theta - eta g / (sqrt(G) + epsilon)

    Source: Duchi, Hazan, Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", 2011.
    """

    __equation__ = (
        r"G \leftarrow G + g^2, \quad \theta \leftarrow \theta - \eta \frac{g}{\sqrt{G} + \epsilon}"
    )
    remembered = (Slot("sum_of_squares", "G", r"G \leftarrow G + g^2"),)
    kind: Literal["adagrad"] = "adagrad"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 0.01
    """The step size eta, before the schedule."""
    epsilon: Annotated[float, Ge(0)] = 1e-10
    """Keeps the division finite where the gradient has always been zero."""

    def constants(self) -> tuple[float, ...]:
        return (self.epsilon,)

    @classmethod
    def kernel(cls) -> Kernel:
        return adagrad


def adagrad(
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
    epsilon = constants[0]
    theta, gradient = theta[start:stop], gradient[start:stop]
    total = slots[0][start:stop]
    for i in range(theta.size):
        total[i] += gradient[i] * gradient[i]
        theta[i] -= eta * gradient[i] / (np.sqrt(total[i]) + epsilon)
