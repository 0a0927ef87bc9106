"""AdamW: Adam with weight decay that the moments do not see."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from engine.kernels import Array, Kernel, Number
from engine.optimizers.adam import adam
from engine.optimizers.base import decay_weights
from engine.optimizers.moments import CORRECTED_MEAN, CORRECTED_SQUARE, MomentOptimizer

__all__ = ["AdamW"]


@dataclass(frozen=True, kw_only=True)
class AdamW(MomentOptimizer):
    """Adam with decoupled weight decay.

    The weights (not the biases) shrink by a share of themselves, then Adam's step follows::

        theta <- theta - eta lambda theta
        theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon)

    Source: Loshchilov, Hutter, "Decoupled weight decay regularization", 2019, algorithm 2.
    """

    __equation__ = (
        CORRECTED_MEAN + CORRECTED_SQUARE + r"\theta \leftarrow \theta - \eta \left("
        r"\frac{\hat m}{\sqrt{\hat v} + \epsilon} + \lambda \theta\right)"
    )
    kind: Literal["adamw"] = "adamw"
    weight_decay: Annotated[float, Ge(0), Le(1e6)] = 0.01
    """The share lambda by which weights shrink, times the learning rate, in every step."""

    def constants(self) -> tuple[float, ...]:
        return (*MomentOptimizer.constants(self), self.weight_decay)

    @classmethod
    def kernel(cls) -> Kernel:
        return adamw


def adamw(
    theta: Array,
    gradient: Array,
    slots: Array,
    blocks: Array,
    rate: Number,
    step: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    """Shrink the weights by eta lambda theta, then take Adam's step."""
    decay_weights(theta, blocks, theta.dtype.type(rate) * constants[5], start, stop)
    adam(theta, gradient, slots, rate, step, start, stop, constants[:5])
