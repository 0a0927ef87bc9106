"""Mixup: rows that lie between two rows."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from engine.augmentation.base import Augmentation
from engine.kernels import (
    Array,
    Kernel,
    Number,
    jittable,
    put,
    random_bits,
    random_uniform,
    view,
)
from engine.losses import TaskKind

__all__ = ["Mixup"]

DRAWS = 1 << 20
"""Random numbers that one row may take, far more than it ever does."""


@dataclass(frozen=True, kw_only=True)
class Mixup(Augmentation):
    """Mixes every row with another one of its mini-batch, and so their targets.

    Of a regression the targets are mixed like the rows. A class cannot be: the mixed row has the
    one class with probability lambda, and the other one else. As cross-entropy is linear in the
    probabilities that are wanted, its expected value and gradient are those of mixed targets.

    Source: Zhang, Cisse, Dauphin, Lopez-Paz, "mixup: beyond empirical risk minimization", 2018.
    """

    __equation__ = (
        r"x \leftarrow \lambda x + (1 - \lambda) x', \quad "
        r"y \leftarrow \lambda y + (1 - \lambda) y', \quad "
        r"\lambda \sim \mathrm{Beta}(\alpha, \alpha)"
    )
    kind: Literal["mixup"] = "mixup"
    alpha: Annotated[float, Ge(0.1), Le(1)] = 0.2
    """How much is mixed: lambda is nearly 0 or 1 for a small alpha, and uniform for 1."""

    def kernel(self) -> Kernel:
        return mix

    def constants(self, task: TaskKind) -> tuple[float, ...]:
        return (self.alpha, float(task != "regression"))


@jittable
def random_beta(alpha: float, operation_key: np.uint64, counter: int) -> float:
    """A number of the distribution Beta(alpha, alpha), alpha at most 1, by rejection.

    Source: Jöhnk, "Erzeugung von betaverteilten und gammaverteilten Zufallszahlen", 1964.
    """
    power = 1.0 / alpha
    while True:
        u = random_uniform(operation_key, np.uint64(counter)) ** power
        v = random_uniform(operation_key, np.uint64(counter + 1)) ** power
        counter += 2
        if 0.0 < u + v <= 1.0:
            share: float = u / (u + v)
            return share


def mix(x: Array, spare: Array, target: Array, constants: Array, operation_key: Number) -> None:
    """Mix each row with the one that lies a random distance, the same for all, further on."""
    rows, features = x.shape
    if rows < 2:
        return
    before = view(spare, 0, rows, features)
    answers = view(spare, x.size, rows, target.shape[1])
    put(before, x)
    put(answers, target)
    distance = 1 + np.int64(random_bits(operation_key, np.uint64(0)) % np.uint64(rows - 1))
    for i in range(rows):
        other = (i + distance) % rows
        share = random_beta(np.float64(constants[0]), operation_key, (i + 1) * DRAWS)
        own = x.dtype.type(share)
        for j in range(features):
            x[i, j] = own * before[i, j] + (1 - own) * before[other, j]
        picked = random_uniform(operation_key, np.uint64(i + 1)) < share
        for j in range(target.shape[1]):
            if constants[1] == 0:
                target[i, j] = own * answers[i, j] + (1 - own) * answers[other, j]
            elif not picked:
                target[i, j] = answers[other, j]
