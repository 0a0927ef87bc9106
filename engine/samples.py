"""Samples: the rows of a table as a network sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.metrics import Scale
from engine.planning import Outline
from engine.table import Table
from engine.weighting import row_weights

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
    def of(
        cls, table: Table, outline: Outline, rows: NDArray[np.int64], *, weighted: bool
    ) -> Samples:
        recipe = outline.recipe
        weights = row_weights(recipe.weighting, table, outline.task, rows) if weighted else ()
        return cls(
            outline.preprocessor.transform(table, recipe.dtype, rows),
            outline.preprocessor.encode_target(table, recipe.dtype, rows),
            np.asarray(weights, recipe.dtype),
        )

    def scale(self, outline: Outline) -> Scale | None:
        """What measures a regression in the target's own units; None for classes."""
        if outline.task.kind != "regression":
            return None
        return Scale(outline.preprocessor.target_units, self.targets)
