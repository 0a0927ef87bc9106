"""Stochastic gradient descent, with momentum and Nesterov's look-ahead."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le, Lt

from engine.errors import InvalidSpec
from engine.kernels import Array, Kernel, Number
from engine.optimizers.base import Optimizer, Slot
from engine.spec import Spec

__all__ = ["SGD"]

VELOCITY = Slot("velocity", "v", r"v \leftarrow \mu v + g")


@dataclass(frozen=True, kw_only=True)
class SGD(Optimizer):
    """A step against the gradient; with momentum, against a running sum of gradients.

    With g the gradient, mu the momentum and v the velocity (one slot, absent without momentum)::

        v     <- mu v + g
        theta <- theta - eta v              or, with nesterov,  theta - eta (g + mu v)

    The learning rate multiplies the velocity when it is used, not when it is stored, so that a
    schedule acts at once.

    Sources: Robbins, Monro, "A stochastic approximation method", 1951; Polyak, "Some methods of
    speeding up the convergence of iteration methods", 1964; Sutskever et al., "On the importance
    of initialization and momentum in deep learning", 2013.
    """

    __equation__ = r"v \leftarrow \mu v + g, \quad \theta \leftarrow \theta - \eta v"
    kind: Literal["sgd"] = "sgd"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 0.01
    """The step size eta, before the schedule."""
    momentum: Annotated[float, Ge(0), Lt(1)] = 0.0
    """The share mu of the velocity that is kept from step to step."""
    nesterov: bool = False
    """Whether to step along the gradient plus the velocity to come; needs momentum."""

    def __post_init__(self) -> None:
        Spec.__post_init__(self)
        if self.nesterov and not self.momentum:
            raise InvalidSpec("nesterov needs a momentum greater than 0", "/momentum")

    def slots(self) -> tuple[Slot, ...]:
        return (VELOCITY,) if self.momentum else ()

    def constants(self) -> tuple[float, ...]:
        return (self.momentum, float(self.nesterov))

    @classmethod
    def kernel(cls) -> Kernel:
        return sgd


def sgd(
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
    mu = constants[0]
    theta, gradient = theta[start:stop], gradient[start:stop]
    if slots.shape[0] == 0:
        for i in range(theta.size):
            theta[i] -= eta * gradient[i]
        return
    velocity = slots[0][start:stop]
    nesterov = constants[1] > 0
    for i in range(theta.size):
        velocity[i] = mu * velocity[i] + gradient[i]
        theta[i] -= eta * (gradient[i] + mu * velocity[i] if nesterov else velocity[i])
