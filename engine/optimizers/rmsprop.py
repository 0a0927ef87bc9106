"""RMSprop: the gradient, divided by its recent size."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from engine.kernels import Array, Kernel, Number, larger
from engine.optimizers.base import Optimizer, Slot

__all__ = ["RMSprop"]

MEAN_SQUARE = Slot("mean_square_gradient", "E", r"E \leftarrow \rho E + (1 - \rho) g^2")
MEAN = Slot("mean_gradient", "M", r"M \leftarrow \rho M + (1 - \rho) g")


@dataclass(frozen=True, kw_only=True)
class RMSprop(Optimizer):
    """Divides the gradient by a running root mean square of itself.

    With g the gradient, E the running mean of its square, M that of the gradient itself (only
    when centered) and b the momentum buffer (only with momentum)::

        E     <- rho E + (1 - rho) g^2
        M     <- rho M + (1 - rho) g
        b     <- mu b + g / (sqrt(E - M^2) + epsilon)
        theta <- theta - eta b

    Sources: Tieleman, Hinton, "Lecture 6.5 - RMSprop", 2012; centered: Graves, "Generating
    sequences with recurrent neural networks", 2013.
    """

    __equation__ = (
        r"E \leftarrow \rho E + (1 - \rho) g^2, \quad"
        r" \theta \leftarrow \theta - \eta \frac{g}{\sqrt{E} + \epsilon}"
    )
    kind: Literal["rmsprop"] = "rmsprop"
    rho: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The decay of the running means."""
    epsilon: Annotated[float, Gt(0)] = 1e-8
    """Keeps the division finite where the gradient has always been zero."""
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.0
    """The share mu of the last step that is kept."""
    centered: bool = False
    """Whether to divide by the standard deviation instead of the root mean square."""

    def slots(self) -> tuple[Slot, ...]:
        spread = "E - M^2" if self.centered else "E"
        rule = rf"b \leftarrow \mu b + \frac{{g}}{{\sqrt{{{spread}}} + \epsilon}}"
        return (
            MEAN_SQUARE,
            *((Slot("momentum", "b", rule),) if self.momentum else ()),
            *((MEAN,) if self.centered else ()),
        )

    def constants(self) -> tuple[float, ...]:
        return (self.rho, 1.0 - self.rho, self.epsilon, self.momentum, float(self.centered))

    @classmethod
    def kernel(cls) -> Kernel:
        return rmsprop


def rmsprop(
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
    rho, rest, epsilon, mu, flag = constants
    theta, gradient = theta[start:stop], gradient[start:stop]
    centered, heavy = flag > 0, mu > 0
    squares = slots[0][start:stop]
    buffer = slots[1 if heavy else 0][start:stop]
    mean = slots[slots.shape[0] - 1][start:stop]
    for i in range(theta.size):
        g = gradient[i]
        squares[i] = rho * squares[i] + rest * g * g
        spread = squares[i]
        if centered:
            mean[i] = rho * mean[i] + rest * g
            # Rounding must not make a variance negative.
            spread = larger(spread - mean[i] * mean[i], rest - rest)
        s = g / (np.sqrt(spread) + epsilon)
        if heavy:
            buffer[i] = mu * buffer[i] + s
            s = buffer[i]
        theta[i] -= eta * s
