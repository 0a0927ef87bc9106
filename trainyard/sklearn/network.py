"""What the two places to train in have in common: what they are given, and what they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Kind = Literal["classification", "regression"]
Matrix = NDArray[Any]

WEIGHT = "weight"
"""The column with the weight of each row."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows to learn from: ``x`` (rows, features), NaN where a value is missing, and ``y``.

    ``y`` are places of classes (rows,), or numbers (rows,) or (rows, targets). ``weights`` (rows,)
    are factors for the loss of each row, None where all count alike.
    """

    x: Matrix
    y: Matrix
    kind: Kind
    weights: Matrix | None = None

    @property
    def features(self) -> list[str]:
        """Names of the columns of ``x``."""
        return feature_names(self.x.shape[1])

    @property
    def targets(self) -> list[str]:
        """Names of the columns of ``y``."""
        return ["y"] if self.y.ndim == 1 else [f"y_{place}" for place in range(self.y.shape[1])]

    @property
    def weighting(self) -> dict[str, str]:
        """The member of a job that names the column of weights."""
        return {} if self.weights is None else {"column": WEIGHT}


def feature_names(count: int) -> list[str]:
    """As the columns of an array ``x`` are called in an archive of arrays."""
    return [f"x_{place}" for place in range(count)]


@dataclass(frozen=True)
class EpochLosses:
    """The losses of an epoch; ``validation`` is None where nothing is held out."""

    train: float | None
    validation: float | None


class Network(Protocol):
    """A trained network. It can be pickled."""

    losses: list[EpochLosses]

    def answers(self, x: Matrix) -> NDArray[np.float64]:
        """Probabilities (rows, classes), or numbers (rows,) or (rows, targets)."""


class Trainer(Protocol):
    """A place to train in."""

    def train(self, members: Mapping[str, Any], examples: Examples) -> Network:
        """Train as a job with such members would, without a dataset. Raises ValueError."""
