"""Adam: a step size for every parameter from running moments of its gradient."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from engine.kernels import Array, Kernel, Number
from engine.optimizers.base import Optimizer

__all__ = ["Adam"]


@dataclass(frozen=True, kw_only=True)
class Adam(Optimizer):
    """Adaptive moment estimation.

    With g the gradient and t the step, counted from 1; m and v are its two slots::

        m     <- beta1 m + (1 - beta1) g
        v     <- beta2 v + (1 - beta2) g^2
        theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.
    """

    __equation__ = r"\theta \leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat v} + \epsilon}"
    slot_names = ("first_moment", "second_moment")
    kind: Literal["adam"] = "adam"
    beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The decay of the running mean of the gradient."""
    beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """The decay of the running mean of its square."""
    epsilon: Annotated[float, Gt(0)] = 1e-8
    """Keeps the division finite where the gradient has always been zero."""

    def constants(self) -> tuple[float, ...]:
        return (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.epsilon)

    @classmethod
    def kernel(cls) -> Kernel:
        return adam


def adam(
    theta: Array, gradient: Array, slots: Array, rate: Number, step: Number, constants: Array
) -> None:
    """One step over the flat vector; the corrections of both moments are scalars of the step."""
    real = theta.dtype.type
    beta1, rest1, beta2, rest2, epsilon = constants
    correction1 = 1.0 - np.float64(beta1) ** step
    correction2 = 1.0 - np.float64(beta2) ** step
    eta = real(rate / correction1)
    root = real(1.0 / np.sqrt(correction2))
    first, second = slots[0], slots[1]
    for i in range(theta.size):
        g = gradient[i]
        m = beta1 * first[i] + rest1 * g
        v = beta2 * second[i] + rest2 * g * g
        first[i] = m
        second[i] = v
        theta[i] -= eta * m / (np.sqrt(v) * root + epsilon)
