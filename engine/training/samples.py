"""Samples: the rows of a table as a network sees them, and those that a run needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Rows, Table
from engine.data.weighting import row_weights
from engine.metrics import Scale, summarize
from engine.stopping import Metrics
from engine.training.planning import Outline

__all__ = ["RunSamples", "Samples"]


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
        """The samples of some rows of a table, in ascending order of their numbers.

        Raises InvalidData, naming row and column, where a value cannot be used.
        """
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
        """Samples with the same features, targets and precision, but without any row."""
        return Samples(self.x[:0], self.targets[:0], self.weights[:0])

    def scale(self, outline: Outline) -> Scale | None:
        """What measures a regression in the target's own units; None for classes."""
        if outline.task.kind != "regression":
            return None
        return Scale(outline.preprocessor.target_units, self.targets)


class RunSamples:
    """The samples that a run trains on, and those that it validates on, perhaps none."""

    def __init__(self, table: Table, outline: Outline) -> None:
        parts = outline.split
        self.train = Samples.of(table, outline, parts.train_indices, weighted=True)
        self.validation, self._is_validated = self.train.none(), bool(outline.plan.validation_rows)
        if self._is_validated:
            other = parts.table_for_validation(table)
            self.validation = Samples.of(other, outline, parts.validation_indices, weighted=False)
        self._task = outline.task.kind
        self._train_scale = self.train.scale(outline)
        self._validation_scale = self.validation.scale(outline) if self._is_validated else None

    def metrics(
        self, totals: NDArray[np.float64], validation_totals: NDArray[np.float64]
    ) -> Metrics:
        """The metrics of an epoch from its sums over the rows of each set (see ``metrics.py``)."""
        validation = None
        if self._is_validated:
            validation = summarize(self._task, validation_totals, self._validation_scale)
        return {
            "train": summarize(self._task, totals, self._train_scale),
            "validation": validation,
        }
