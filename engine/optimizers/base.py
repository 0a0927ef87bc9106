"""What an optimizer is: hyper-parameters, and one kernel that updates the whole flat vector."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Gt, Le

from engine.kernels import Array, Kernel, Number, jittable, larger, smaller
from engine.spec import Spec

__all__ = ["Optimizer", "Slot", "decay_weights"]


@dataclass(frozen=True)
class Slot:
    """A vector that an optimizer remembers from step to step, as long as theta."""

    name: str
    symbol: str
    """What equations call it, in LaTeX."""
    rule: str
    """How a step renews it, in LaTeX, g being the gradient."""


@dataclass(frozen=True, kw_only=True)
class Optimizer(Spec, family="optimizer"):
    """How a gradient becomes a step."""

    remembered: ClassVar[tuple[Slot, ...]] = ()
    """The vectors it remembers whatever its hyper-parameters are."""
    full_batch: ClassVar[bool] = False
    """Whether it makes sense only if every step sees all rows."""

    learning_rate: Annotated[float, Gt(0), Le(1e6)] = 0.001
    """The step size eta, before the schedule."""

    def slots(self) -> tuple[Slot, ...]:
        """The vectors that the optimizer remembers with these hyper-parameters."""
        return self.remembered

    def scalars(self) -> int:
        """How many single numbers the optimizer remembers from step to step."""
        return 0

    def constants(self) -> tuple[float, ...]:
        """The numbers that the kernel gets as ``constants``."""
        return (0.0,)

    @classmethod
    def kernel(cls) -> Kernel:
        """The update kernel (see ``kernels.py`` for its signature)."""
        raise NotImplementedError


@jittable
def decay_weights(theta: Array, blocks: Array, share: Number, start: Number, stop: Number) -> None:
    """Shrink weights, from ``start`` to before ``stop``, by a share of themselves.

    Biases are in no block.
    """
    if share > 0:
        for b in range(blocks.shape[0]):
            weights = theta[larger(start, blocks[b, 0]) : smaller(stop, blocks[b, 1])]
            for i in range(weights.size):
                weights[i] -= share * weights[i]
