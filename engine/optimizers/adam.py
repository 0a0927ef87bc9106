"""Adam: a step size for every parameter from running moments of its gradient."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.kernels import Array, Kernel, Number, jittable
from engine.optimizers.moments import CORRECTED_MEAN, CORRECTED_SQUARE, MomentOptimizer

__all__ = ["Adam"]


@dataclass(frozen=True, kw_only=True)
class Adam(MomentOptimizer):
    """Adaptive moment estimation.

    With g the gradient and t the step, counted from 1; m and v are its two slots::

        m     <- beta1 m + (1 - beta1) g
        v     <- beta2 v + (1 - beta2) g^2
        theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1.
    """

    __equation__ = (
        CORRECTED_MEAN
        + CORRECTED_SQUARE
        + r"\theta \leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat v} + \epsilon}"
    )
    kind: Literal["adam"] = "adam"

    @classmethod
    def kernel(cls) -> Kernel:
        return adam


@jittable
def adam(
    theta: Array,
    gradient: Array,
    slots: Array,
    rate: Number,
    step: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    """One step over the flat vector; the corrections of both moments are scalars of the step."""
    real = theta.dtype.type
    beta1, rest1, beta2, rest2, epsilon = constants
    eta = real(rate / (1.0 - np.float64(beta1) ** step))
    root = real(1.0 / np.sqrt(1.0 - np.float64(beta2) ** step))
    theta, gradient = theta[start:stop], gradient[start:stop]
    mean, square = slots[0][start:stop], slots[1][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        m = beta1 * mean[i] + rest1 * g
        v = beta2 * square[i] + rest2 * g * g
        mean[i] = m
        square[i] = v
        theta[i] -= eta * m / (np.sqrt(v) * root + epsilon)
