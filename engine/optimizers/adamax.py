"""AdaMax: Adam with the largest recent gradient in place of the mean square."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le

from engine.kernels import Array, Kernel, Number, larger
from engine.optimizers.base import Slot
from engine.optimizers.moments import FIRST_MOMENT, MomentOptimizer

__all__ = ["AdaMax"]


@dataclass(frozen=True, kw_only=True)
class AdaMax(MomentOptimizer):
    """Adam in the infinity norm.

    With g the gradient, m as in Adam and u its second slot::

        u     <- max(beta2 u, |g| + epsilon)
        theta <- theta - eta / (1 - beta1^t) m / u

    The paper has no epsilon; without it a gradient that has always been zero would divide zero
    by zero.

    Source: Kingma, Ba, "Adam: a method for stochastic optimization", 2015, algorithm 2.
    """

    __equation__ = (
        r"u \leftarrow \max(\beta_2 u, |g|), \quad"
        r" \theta \leftarrow \theta - \frac{\eta}{1 - \beta_1^t} \frac{m}{u}"
    )
    remembered = (
        FIRST_MOMENT,
        Slot("infinity_norm", "u", r"u \leftarrow \max(\beta_2 u, |g| + \epsilon)"),
    )
    kind: Literal["adamax"] = "adamax"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 0.002
    """The step size eta, before the schedule."""

    @classmethod
    def kernel(cls) -> Kernel:
        return adamax


def adamax(
    theta: Array,
    gradient: Array,
    slots: Array,
    rate: Number,
    step: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    """One step over the flat vector."""
    real = theta.dtype.type
    beta1, rest1, beta2, _, epsilon = constants
    eta = real(rate / (1.0 - np.float64(beta1) ** step))
    theta, gradient = theta[start:stop], gradient[start:stop]
    mean, norm = slots[0][start:stop], slots[1][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        mean[i] = beta1 * mean[i] + rest1 * g
        norm[i] = larger(beta2 * norm[i], abs(g) + epsilon)
        theta[i] -= eta * mean[i] / norm[i]
