"""Nadam: Adam with Nesterov's look-ahead."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le

from engine.kernels import Array, Kernel, Number
from engine.optimizers.moments import CORRECTED_SQUARE, MomentOptimizer

__all__ = ["Nadam"]


@dataclass(frozen=True, kw_only=True)
class Nadam(MomentOptimizer):
    """Adam in which the step already uses the momentum of the next one.

    With m and v as in Adam, and a momentum that warms up with the step t::

        mu_t  =  beta1 (1 - 0.96^(t psi) / 2)
        theta <- theta - eta (mu_(t+1) m / (1 - mu_1 ... mu_(t+1)) + (1 - mu_t) g /
                 (1 - mu_1 ... mu_t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Source: Dozat, "Incorporating Nesterov momentum into Adam", 2016, with the schedule of mu that
    it recommends.
    """

    __equation__ = (
        CORRECTED_SQUARE
        + r"\theta \leftarrow \theta - \eta \frac{1}{\sqrt{\hat v} + \epsilon} \left("
        r"\frac{\mu_{t+1} m}{1 - \prod_{i=1}^{t+1} \mu_i} +"
        r" \frac{(1 - \mu_t) g}{1 - \prod_{i=1}^{t} \mu_i}\right)"
    )
    kind: Literal["nadam"] = "nadam"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 0.002
    """The step size eta, before the schedule."""
    momentum_decay: Annotated[float, Ge(0)] = 0.004
    """The rate psi at which the momentum warms up to beta1."""

    def scalars(self) -> int:
        """One: the product of all momenta so far, less 1, so that it starts at 0."""
        return 1

    def constants(self) -> tuple[float, ...]:
        return (*MomentOptimizer.constants(self), self.momentum_decay)

    @classmethod
    def kernel(cls) -> Kernel:
        return nadam


def nadam(
    theta: Array,
    gradient: Array,
    slots: Array,
    scalars: Array,
    rate: Number,
    step: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    """One step over the flat vector."""
    real = theta.dtype.type
    beta1, rest1, beta2, rest2, epsilon, psi = constants
    mu = np.float64(beta1) * (1.0 - 0.5 * 0.96 ** (step * np.float64(psi)))
    following = np.float64(beta1) * (1.0 - 0.5 * 0.96 ** ((step + 1) * np.float64(psi)))
    product = (scalars[0] + 1.0) * mu
    scalars[0] = product - 1.0
    share = real(rate * (1.0 - mu) / (1.0 - product))
    ahead = real(rate * following / (1.0 - product * following))
    root = real(1.0 / np.sqrt(1.0 - np.float64(beta2) ** step))
    theta, gradient = theta[start:stop], gradient[start:stop]
    mean, square = slots[0][start:stop], slots[1][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        mean[i] = beta1 * mean[i] + rest1 * g
        square[i] = beta2 * square[i] + rest2 * g * g
        theta[i] -= (share * g + ahead * mean[i]) / (np.sqrt(square[i]) * root + epsilon)
