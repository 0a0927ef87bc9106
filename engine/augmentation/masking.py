"""Masking: rows of which a few features are hidden."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from engine.augmentation.base import Augmentation
from engine.kernels import Array, Kernel, Number, random_uniform
from engine.losses import TaskKind

__all__ = ["Masking"]


@dataclass(frozen=True, kw_only=True)
class Masking(Augmentation):
    """Replaces each feature by a fixed value with a given probability.

    Unlike dropout it leaves the others as they are: it is what a missing value looks like.

    Source: Vincent et al., "Extracting and composing robust features with denoising
    autoencoders", 2008.
    """

    __equation__ = r"x_j \leftarrow v \;\text{ with probability } p"
    kind: Literal["masking"] = "masking"
    rate: Annotated[float, Gt(0), Lt(1)] = 0.1
    """The probability p of being replaced."""
    value: Annotated[float, Ge(-1e6), Le(1e6)] = 0.0
    """What takes its place; 0 is the mean of a standardized feature."""

    def kernel(self) -> Kernel:
        return mask

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        return (self.rate, self.value)


def mask(x: Array, constants: Array, operation_key: Number) -> None:
    """Set features of each row to a constant at random."""
    rows, features = x.shape
    rate = np.float64(constants[0])
    for i in range(rows):
        for j in range(features):
            if random_uniform(operation_key, np.uint64(i * features + j)) < rate:
                x[i, j] = constants[1]
