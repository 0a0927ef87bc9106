"""What Adam and its relatives share: two running moments of the gradient."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from annotated_types import Ge, Gt, Lt

from engine.optimizers.base import Optimizer, Slot

__all__ = ["CORRECTED_MEAN", "CORRECTED_SQUARE", "FIRST_MOMENT", "SECOND_MOMENT", "MomentOptimizer"]

FIRST_MOMENT = Slot("first_moment", "m", r"m \leftarrow \beta_1 m + (1 - \beta_1) g")
SECOND_MOMENT = Slot("second_moment", "v", r"v \leftarrow \beta_2 v + (1 - \beta_2) g^2")
CORRECTED_MEAN = r"\hat m = \frac{m}{1 - \beta_1^t}, \quad "
CORRECTED_SQUARE = r"\hat v = \frac{v}{1 - \beta_2^t}, \quad "
"""Parts of equations: the moments, corrected for having begun at zero."""


@dataclass(frozen=True, kw_only=True)
class MomentOptimizer(Optimizer):
    """Running means m of the gradient g, and v of its square: the first two slots.

    m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2.
    """

    remembered: ClassVar[tuple[Slot, ...]] = (FIRST_MOMENT, SECOND_MOMENT)

    beta1: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The decay of the running mean of the gradient."""
    beta2: Annotated[float, Ge(0), Lt(1)] = 0.999
    """The decay of the running mean of its square."""
    epsilon: Annotated[float, Gt(0)] = 1e-8
    """Keeps the division finite where the gradient has always been zero."""

    def constants(self) -> tuple[float, ...]:
        return (self.beta1, 1.0 - self.beta1, self.beta2, 1.0 - self.beta2, self.epsilon)
