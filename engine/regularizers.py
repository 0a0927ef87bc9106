"""Regularizers: terms added to the loss that prefer small weights. Biases are exempt."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from engine.kernels import Array, Kernel
from engine.spec import Spec

__all__ = ["L2", "Regularizer"]


@dataclass(frozen=True, kw_only=True)
class Regularizer(Spec, family="regularizer"):
    """A penalty on the weights."""

    strength: Annotated[float, Ge(0)] = 1e-4
    """The factor lambda of the penalty."""

    def constants(self) -> tuple[float, ...]:
        """What the kernel gets as ``constants``."""
        return (self.strength,)

    def value(self, weights: NDArray[Any]) -> float:
        """The penalty on all weights, as one flat vector."""
        raise NotImplementedError

    @classmethod
    def kernel(cls) -> Kernel:
        """The kernel that adds its gradient (see ``kernels.py`` for the signature)."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class L2(Regularizer):
    """The squared Euclidean norm of the weights: pulls every weight in proportion to its size.

    Its gradient is 2 lambda w. (Some libraries write lambda / 2 instead of lambda.)
    """

    __equation__ = r"L + \lambda \sum_i w_i^2"
    kind: Literal["l2"] = "l2"

    def value(self, weights: NDArray[Any]) -> float:
        return self.strength * float(np.dot(weights, weights))

    @classmethod
    def kernel(cls) -> Kernel:
        return l2


def l2(theta: Array, gradient: Array, blocks: Array, constants: Array) -> None:
    """Gradient += 2 lambda w, for every block of weights."""
    twice = constants[0] + constants[0]
    for b in range(blocks.shape[0]):
        for i in range(blocks[b, 0], blocks[b, 1]):
            gradient[i] += twice * theta[i]
