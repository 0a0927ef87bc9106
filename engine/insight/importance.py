"""What a model listens to: how much worse it gets without an input, and how its answer leans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.randomness import Purpose, stream

__all__ = ["Importance", "Sensitivity", "permutation_importance", "sensitivity"]

Matrix = NDArray[Any]
Score = Callable[[Matrix], float]
Answer = Callable[[Matrix], NDArray[np.float64]]

WIDTH = 1e-4
"""Half the distance of the two points of a difference, for features around 1."""


@dataclass(frozen=True)
class Importance:
    """How much a score falls when one raw column is shuffled among the rows.

    ``mean`` and ``deviation`` (of the population) are over the repetitions.
    """

    column: str
    mean: float
    deviation: float


@dataclass(frozen=True)
class Sensitivity:
    """How much each output changes with one numeric column, per unit of its feature.

    ``magnitude`` is the mean over rows of |dy / dx| for each output, ``slope`` that of dy / dx:
    they differ where the column pulls one way for some rows and the other way for others.
    """

    column: str
    magnitude: tuple[float, ...]
    slope: tuple[float, ...]


def permutation_importance(
    score: Score,
    x: Matrix,
    features: Mapping[str, slice],
    columns: Sequence[str],
    *,
    repeats: int,
    seed: int,
) -> tuple[Importance, ...]:
    """Shuffle one raw column at a time, and see how far the score (larger is better) falls.

    ``x`` (rows, features) is prepared; ``features`` says which of them a raw column became, and
    they are shuffled together, so a category stays one. Columns that say the same as others look
    less important than they are. The most important column comes first.

    Source: Breiman, "Random forests", 2001, section 10; Fisher, Rudin, Dominici, "All models are
    wrong, but many are useful", 2019.
    """
    baseline = score(x)
    places = {name: place for place, name in enumerate(features)}
    found = []
    for name in columns:
        falls = []
        for repeat in range(repeats):
            order = stream(seed, Purpose.SAMPLE, places[name], repeat).permutation(len(x))
            shuffled = x.copy()
            shuffled[:, features[name]] = x[order, features[name]]
            falls.append(baseline - score(shuffled))
        found.append(Importance(name, float(np.mean(falls)), float(np.std(falls))))
    return tuple(sorted(found, key=lambda importance: -importance.mean))


def sensitivity(
    answer: Answer, x: Matrix, features: Mapping[str, slice], columns: Sequence[str]
) -> tuple[Sensitivity, ...]:
    """Central differences (f(x + w) - f(x - w)) / 2w in one feature at a time, in float64.

    ``columns`` are numeric ones: each became a single feature. ``answer`` gives (rows, outputs).
    """
    found = []
    for name in columns:
        above, below = x.copy(), x.copy()
        above[:, features[name]] += WIDTH
        below[:, features[name]] -= WIDTH
        slopes = (answer(above) - answer(below)) / (2 * WIDTH)
        found.append(
            Sensitivity(
                name,
                tuple(np.abs(slopes).mean(axis=0).tolist()),
                tuple(slopes.mean(axis=0).tolist()),
            )
        )
    return tuple(found)
