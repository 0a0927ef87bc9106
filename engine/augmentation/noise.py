"""Noise: rows that are blurred a little differently each time."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le

from engine.augmentation.base import Augmentation
from engine.kernels import Array, Kernel, Number, random_normal
from engine.losses import TaskKind

__all__ = ["Noise"]


@dataclass(frozen=True, kw_only=True)
class Noise(Augmentation):
    """Adds normal random numbers to the features.

    Source: Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995.
    """

    __equation__ = r"x \leftarrow x + \sigma n, \quad n \sim \mathcal{N}(0, 1)"
    kind: Literal["noise"] = "noise"
    deviation: Annotated[float, Gt(0), Le(1000)] = 0.1
    """The standard deviation sigma; standardized features have one of 1."""

    def kernel(self) -> Kernel:
        return add_noise

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        return (self.deviation,)


def add_noise(x: Array, constants: Array, operation_key: Number) -> None:
    """Add noise to every feature: x + sigma n, where n is standard normal."""
    rows, features = x.shape
    for i in range(rows):
        for j in range(features):
            normal = random_normal(operation_key, np.uint64(i * features + j))
            x[i, j] += constants[0] * x.dtype.type(normal)
