"""What a model listens to: how much worse it gets without an input, and how its answer leans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.randomness import Purpose, stream
from engine.table import Table

__all__ = ["Importance", "permutation_importance"]

Score = Callable[[Table], float]


@dataclass(frozen=True)
class Importance:
    """How much a score falls, on average, when one raw column is shuffled among the rows."""

    column: str
    mean: float
    deviation: float


def permutation_importance(
    score: Score, table: Table, columns: list[str], *, repeats: int, seed: int
) -> tuple[Importance, ...]:
    """Shuffle one raw column at a time, and see how far the score (larger is better) falls.

    Columns that say the same as others look less important than they are. The most important
    column comes first.

    Source: Breiman, "Random forests", 2001, section 10; Fisher, Rudin, Dominici, "All models are
    wrong, but many are useful", 2019.
    """
    baseline = score(table)
    found = []
    for index, name in enumerate(columns):
        falls = []
        for repeat in range(repeats):
            order = stream(seed, Purpose.SAMPLE, index, repeat).permutation(table.rows)
            shuffled = {**table.columns, name: table.columns[name][order]}
            falls.append(baseline - score(Table(shuffled, table.kinds)))
        found.append(Importance(name, float(np.mean(falls)), float(np.std(falls))))
    return tuple(sorted(found, key=lambda importance: -importance.mean))
