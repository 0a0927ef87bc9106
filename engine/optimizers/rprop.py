"""Rprop: the sign of the gradient, and a step size for every parameter that adapts."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le, Lt

from engine.errors import InvalidSpec
from engine.kernels import Array, Kernel, Number, larger, smaller
from engine.optimizers.base import Optimizer, Slot
from engine.spec import Spec

__all__ = ["Rprop"]


@dataclass(frozen=True, kw_only=True)
class Rprop(Optimizer):
    """Resilient backpropagation, for full batches.

    A parameter's step size (one slot) grows while its gradient keeps its sign and shrinks when
    the sign turns; after a turn the parameter rests for one step. The other slot is the previous
    gradient. The learning rate is the first step size; schedules do not act on it.

    Source: Riedmiller, Braun, "A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm", 1993, in the variant without going back (iRprop-, Igel, Huesken, 2000).
    """

    __equation__ = r"\theta \leftarrow \theta - \Delta \operatorname{sign}(g)"
    remembered = (
        Slot(
            "previous_gradient",
            "g_{t-1}",
            r"g_{t-1} \leftarrow g, \text{ or } 0 \text{ after a turn}",
        ),
        Slot(
            "step_size",
            r"\Delta",
            r"\Delta \leftarrow \Delta \cdot \begin{cases} \eta^+ & g \, g_{t-1} > 0 \\"
            r" \eta^- & g \, g_{t-1} < 0 \end{cases}",
        ),
    )
    full_batch = True
    kind: Literal["rprop"] = "rprop"
    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 0.01
    """The first step size of every parameter."""
    shrink: Annotated[float, Gt(0), Lt(1)] = 0.5
    """The factor when the gradient's sign turns."""
    grow: Annotated[float, Gt(1)] = 1.2
    """The factor while it stays."""
    smallest: Annotated[float, Gt(0)] = 1e-6
    """The least step size."""
    largest: Annotated[float, Gt(0)] = 50.0
    """The greatest step size."""

    def __post_init__(self) -> None:
        Spec.__post_init__(self)
        if self.smallest > self.largest:
            raise InvalidSpec("smallest must not be greater than largest", "/smallest")

    def constants(self) -> tuple[float, ...]:
        return (self.shrink, self.grow, self.smallest, self.largest)

    @classmethod
    def kernel(cls) -> Kernel:
        return rprop


def rprop(
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
    shrink, grow, smallest, largest = constants
    theta, gradient = theta[start:stop], gradient[start:stop]
    previous, size = slots[0][start:stop], slots[1][start:stop]
    if step == 1:
        size[:] = theta.dtype.type(rate)
    for i in range(theta.size):
        g = gradient[i]
        agreement = g * previous[i]
        if agreement > 0:
            size[i] = smaller(size[i] * grow, largest)
        elif agreement < 0:
            size[i] = larger(size[i] * shrink, smallest)
            g -= g
        theta[i] -= size[i] * np.sign(g)
        previous[i] = g
