"""What a loss is: value and gradient, from which its kernel is made."""

from dataclasses import dataclass
from functools import cache
from math import inf
from typing import ClassVar, Literal

from engine.activations import Activation
from engine.kernels import Array, Kernel, Number, jittable, like
from engine.spec import Spec

__all__ = ["Loss", "TaskKind"]

TaskKind = Literal["regression", "binary", "multiclass", "multilabel"]


@dataclass(frozen=True, kw_only=True)
class Loss(Spec, family="loss"):
    """How far predictions are from their targets."""

    tasks: ClassVar[tuple[TaskKind, ...]] = ("regression",)
    """The tasks it makes sense for."""
    scales_target: ClassVar[bool] = True
    """Whether a regression's target may be scaled before the loss sees it."""
    least_target: ClassVar[float] = -inf
    """The smallest number that makes sense as the target of a regression."""
    passes_back: ClassVar[bool] = True
    """Whether its gradient means anything to layers below the output."""

    def constants(self) -> tuple[float, ...]:
        """The numbers that the kernel gets; the first one is what ``value`` gets as alpha."""
        return (0.0,)

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        """The loss of one prediction y for the target t."""
        raise NotImplementedError

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        """The derivative of ``value`` with respect to the prediction y."""
        raise NotImplementedError

    def kernel(self, task: TaskKind) -> Kernel:
        """The kernel of the loss for one task (see ``kernels.py`` for its signature)."""
        return _elementwise(self.value, self.gradient)

    def fused_activation(self, task: TaskKind) -> Activation | None:
        """The output activation that the kernel contains; None if it takes the output as it is."""
        return None


@cache
def _elementwise(value: Kernel, gradient: Kernel) -> Kernel:
    value, gradient = jittable(value), jittable(gradient)

    def loss(
        z: Array,
        target: Array,
        weight: Array,
        prediction: Array,
        dz: Array,
        losses: Array,
        constants: Array,
        count: Number,
    ) -> None:
        rows, outputs = z.shape
        alpha = constants[0]
        share = like(z[0, 0], 1.0 / (count * outputs))
        for i in range(rows):
            scale = weight[i] * share
            row_total = 0.0
            for j in range(outputs):
                prediction[i, j] = z[i, j]
                row_total += value(z[i, j], target[i, j], alpha)
                dz[i, j] = gradient(z[i, j], target[i, j], alpha) * scale
            losses[i] = weight[i] * row_total / outputs

    return loss
