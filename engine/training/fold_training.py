"""The training of one fold of a cross-validation, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any

from numpy.typing import NDArray

from engine.data.table import Rows, Table
from engine.model import Model, Prediction
from engine.state import FoldsState, TrainingState
from engine.training.events import EpochEnd, Event
from engine.training.run import Training

__all__ = ["FoldEnd", "FoldResult", "FoldTraining"]


@dataclass(frozen=True)
class FoldResult:
    """What came of a fold: how long it trained, and its metrics at its best epoch.

    ``best`` is the monitored value then, smaller being better; None where it was not finite.
    Metrics that were not finite are None too.
    """

    fold: int
    repeat: int
    train_rows: int
    validation_rows: int
    epochs: int
    best_epoch: int
    best: float | None
    stop_reason: str
    train: dict[str, float | None]
    validation: dict[str, float | None]


@dataclass(frozen=True, eq=False)
class FoldEnd:
    """A fold is done; ``prediction`` is what its best network says of the held-out ``rows``.

    ``truth`` is what is right for them, numbers of classes or values: (rows,), or of several
    targets (rows, targets).
    """

    result: FoldResult
    rows: Rows
    truth: NDArray[Any]
    prediction: Prediction


class FoldTraining:
    """A training with the number of its fold, which keeps its best network; 0 is that on all rows.

    ``state`` is what ``snapshot`` gave, to go on from.
    """

    def __init__(
        self, fold: int, training: Training, table: Table, state: TrainingState | None
    ) -> None:
        self.fold, self.training = fold, training
        self._table = table
        told = state.folds if state and state.folds else FoldsState(fold)
        self._best, self._theta, self._layer_state = told.best, told.theta, told.layer_state
        self._events = training.events()

    @property
    def rank(self) -> tuple[float, int]:
        """The best value so far, smaller being better, and the fold, which decides between equals.

        Before the first epoch, and where nothing was finite, the value is infinite.
        """
        best = self.training.best
        return (inf if best is None else best), self.fold

    def advance(self) -> Event:
        """Train up to the next event, and return it."""
        event = next(self._events)
        if isinstance(event, EpochEnd) and event.improved and self.fold:
            now = self.training.snapshot()
            self._best = {"train": _finite(event.train), "validation": _finite(event.validation)}
            self._theta, self._layer_state = now.theta, now.layer_state
        return event

    def snapshot(self) -> TrainingState:
        """The state of the training as it is now, with the fold's best network."""
        kept = FoldsState(
            fold=self.fold, best=self._best, theta=self._theta, layer_state=self._layer_state
        )
        return replace(self.training.snapshot(), folds=kept)

    def end(self, reason: str, folds_of_a_repeat: int) -> FoldEnd:
        """The result of the fold, and its best network's predictions for the held-out rows."""
        made, state = self.training.outline, self.training.snapshot()
        assert self._best is not None
        assert self._theta is not None
        assert self._layer_state is not None
        assert state.best_epoch is not None
        result = FoldResult(
            fold=self.fold,
            repeat=(self.fold - 1) // folds_of_a_repeat + 1,
            train_rows=made.plan.train_rows,
            validation_rows=made.plan.validation_rows,
            epochs=state.epoch,
            best_epoch=state.best_epoch,
            best=state.best,
            stop_reason=reason,
            **self._best,
        )
        model = Model(made.recipe, made.task, made.preprocessor, self._theta, self._layer_state)
        rows = made.split.validation_indices
        return FoldEnd(result, rows, self._truth(rows), model.predict(self._table, rows))

    def _truth(self, rows: Rows) -> NDArray[Any]:
        task = self.training.outline.task
        if task.kind != "regression":
            return task.codes(self._table, rows)
        values = task.values(self._table, rows)
        return values[:, 0] if task.target else values


def _finite(metrics: dict[str, float] | None) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in (metrics or {}).items()}
