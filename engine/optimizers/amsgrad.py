"""AMSGrad: Adam whose step sizes never grow."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.kernels import Array, Kernel, Number, larger
from engine.optimizers.base import Slot
from engine.optimizers.moments import (
    CORRECTED_MEAN,
    FIRST_MOMENT,
    SECOND_MOMENT,
    MomentOptimizer,
)

__all__ = ["AMSGrad"]


@dataclass(frozen=True, kw_only=True)
class AMSGrad(MomentOptimizer):
    """Adam with the largest second moment so far in place of the present one.

    With m and v as in Adam, and w its third slot::

        w     <- max(w, v)
        theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(w / (1 - beta2^t)) + epsilon)

    The paper leaves both corrections out; as other libraries do, they are kept here.

    Source: Reddi, Kale, Kumar, "On the convergence of Adam and beyond", 2018, algorithm 2.
    """

    __equation__ = (
        CORRECTED_MEAN + r"\hat w = \frac{w}{1 - \beta_2^t}, \quad "
        r"\theta \leftarrow \theta - \eta \frac{\hat m}{\sqrt{\hat w} + \epsilon}"
    )
    remembered = (
        FIRST_MOMENT,
        SECOND_MOMENT,
        Slot("largest_second_moment", "w", r"w \leftarrow \max(w, v)"),
    )
    kind: Literal["amsgrad"] = "amsgrad"

    @classmethod
    def kernel(cls) -> Kernel:
        return amsgrad


def amsgrad(
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
    beta1, rest1, beta2, rest2, epsilon = constants
    eta = real(rate / (1.0 - np.float64(beta1) ** step))
    root = real(1.0 / np.sqrt(1.0 - np.float64(beta2) ** step))
    theta, gradient = theta[start:stop], gradient[start:stop]
    mean, square, largest = slots[0][start:stop], slots[1][start:stop], slots[2][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        mean[i] = beta1 * mean[i] + rest1 * g
        square[i] = beta2 * square[i] + rest2 * g * g
        largest[i] = larger(largest[i], square[i])
        theta[i] -= eta * mean[i] / (np.sqrt(largest[i]) * root + epsilon)
