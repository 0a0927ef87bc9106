"""What Adam and its relatives share: two running moments of the gradient."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Lt

from engine.optimizers.base import Optimizer

__all__ = ["MomentOptimizer"]


@dataclass(frozen=True, kw_only=True)
class MomentOptimizer(Optimizer):
    """Running means m of the gradient g, and v of its square: the first two slots.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2.
    """

    slot_names: ClassVar[tuple[str, ...]] = ("first_moment", "second_moment")

    beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The decay of the running mean of the gradient."""
    beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """The decay of the running mean of its square."""
    epsilon: Annotated[float, Gt(0)] = 1e-8
    """Keeps the division finite where the gradient has always been zero."""

    def constants(self) -> tuple[float, ...]:
        return (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.epsilon)
