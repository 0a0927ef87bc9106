"""RAdam: Adam that waits for its variance estimate before it trusts it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.kernels import Array, Kernel, Number
from engine.optimizers.moments import CORRECTED_MEAN, CORRECTED_SQUARE, MomentOptimizer

__all__ = ["RAdam"]


@dataclass(frozen=True, kw_only=True)
class RAdam(MomentOptimizer):
    """Rectified Adam: a warm-up that follows from the mathematics.

    With m and v as in Adam::

        rho_inf = 2 / (1 - beta2) - 1
        rho_t   = rho_inf - 2 t beta2^t / (1 - beta2^t)

    While rho_t is at most 5 the step is eta m / (1 - beta1^t), momentum alone; afterwards Adam's,
    with epsilon added to the uncorrected root, times::

        sqrt((rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t))

    Source: Liu et al., "On the variance of the adaptive learning rate and beyond", 2020. The
    paper's bound is 4; 5 is what its authors' code and other libraries use.
    """

    __equation__ = (
        CORRECTED_MEAN
        + CORRECTED_SQUARE
        + r"r_t = \sqrt{\frac{(\rho_t - 4)(\rho_t - 2) \rho_\infty}"
        r"{(\rho_\infty - 4)(\rho_\infty - 2) \rho_t}}, \quad"
        r" \theta \leftarrow \theta - \eta \, r_t \frac{\hat m}{\sqrt{\hat v}}"
    )
    kind: Literal["radam"] = "radam"

    @classmethod
    def kernel(cls) -> Kernel:
        return radam


def radam(
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
    decay = np.float64(beta2) ** step
    limit = 2.0 / (1.0 - np.float64(beta2)) - 1.0
    length = limit - 2.0 * step * decay / (1.0 - decay)
    plain = rate / (1.0 - np.float64(beta1) ** step)
    trusted = length > 5.0
    factor = 0.0
    if trusted:
        factor = np.sqrt(
            (length - 4.0) * (length - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * length)
        )
    eta, root = real(plain), real(plain * factor * np.sqrt(1.0 - decay))
    theta, gradient = theta[start:stop], gradient[start:stop]
    mean, square = slots[0][start:stop], slots[1][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        mean[i] = beta1 * mean[i] + rest1 * g
        square[i] = beta2 * square[i] + rest2 * g * g
        if trusted:
            theta[i] -= root * mean[i] / (np.sqrt(square[i]) + epsilon)
        else:
            theta[i] -= eta * mean[i]
