"""Samples: the rows of a table as a network sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Rows, Table
from engine.data.weighting import row_weights
from engine.metrics import Scale
from engine.training.planning import Outline

__all__ = ["Samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """Rows as the network sees them.

    Inputs (rows, features), targets (rows, outputs), and a factor for the loss of each row (rows,)
    or none at all where they count alike.
    """

    x: NDArray[Any]
    targets: NDArray[Any]
    weights: NDArray[Any]

    @classmethod
    def of(cls, table: Table, outline: Outline, rows: Rows, *, weighted: bool) -> Samples:
        """Of some rows of a table, ascending."""
        recipe = outline.recipe
        # The inputs last, which are nearly all of it: then nothing else needs memory any more.
        weights = row_weights(recipe.weighting, table, outline.task, rows) if weighted else ()
        factors = np.asarray(weights, recipe.dtype)
        del weights
        targets = outline.preprocessor.encode_target(table, recipe.dtype, rows)
        some = None if len(rows) == table.rows else rows
        del rows
        return cls(outline.preprocessor.transform(table, recipe.dtype, some), targets, factors)

    def none(self) -> Samples:
        """The same without any row."""
        return Samples(self.x[:0], self.targets[:0], self.weights[:0])

    def scale(self, outline: Outline) -> Scale | None:
        """What measures a regression in the target's own units; None for classes."""
        if outline.task.kind != "regression":
            return None
        return Scale(outline.preprocessor.target_units, self.targets)
