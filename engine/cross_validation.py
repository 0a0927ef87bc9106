"""Cross-validation: a training for each fold, one after the other, and one on all rows.

``CrossValidated`` has the face of a single ``Training``: events, snapshots, an outline. ``start``
makes whichever of the two a recipe asks for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from math import inf, isfinite
from statistics import fmean
from typing import Any

from numpy.typing import NDArray

from engine.events import EpochEnd, Event, Progress, Stopped
from engine.folds import CrossValidation, folds_of
from engine.model import Model, Prediction
from engine.planning import Outline, outline
from engine.preprocessing import Preprocessor
from engine.range_testing import RangeTesting
from engine.recipe import Recipe
from engine.state import FoldsState, TrainingState
from engine.table import Rows, Table
from engine.task import Task
from engine.training import Training
from engine.validation import NoValidation

__all__ = ["CrossValidated", "FoldEnd", "FoldResult", "Run", "start"]


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


class CrossValidated:
    """The trainings of all folds, and, if the recipe wants it, of a last network on all rows.

    That last training goes on for as many epochs as the folds needed on average for their best
    ones, where stopping rules were there to find them, and else for all epochs.
    """

    def __init__(
        self, recipe: Recipe, table: Table, task: Task, *, state: TrainingState | None = None
    ) -> None:
        assert isinstance(recipe.validation, CrossValidation)
        self._recipe, self._table, self._task = recipe, table, task
        rows = len(task.known(table))
        self._repeat_of = recipe.validation.shape(rows)[1]
        folds = range(1, folds_of(recipe.validation, rows) + 1)
        self._order: tuple[int, ...] = (*folds, 0) if recipe.validation.refit else (*folds,)
        told = state.folds if state and state.folds else FoldsState(self._order[0])
        self._finished = [FoldResult(**each) for each in told.finished]
        self._steps_before = told.steps_before
        self._best, self._best_theta, self._best_layer_state = (
            told.best,
            told.theta,
            told.layer_state,
        )
        self._pause_at: int | None = None
        self._training = self._train(state)

    @property
    def outline(self) -> Outline:
        """Of the training under way."""
        return self._training.outline

    @property
    def epochs(self) -> int:
        """At the most, over all trainings."""
        return self._recipe.training.epochs * len(self._order)

    @property
    def epochs_done(self) -> int:
        """Of them all; a fold that stopped early counts whole."""
        return self._epochs_before + self._training.epochs_done

    @property
    def steps_done(self) -> int:
        """Updates of the parameters, over all trainings."""
        return self._steps_before + self._training.steps_done

    def pause_at(self, step: int | None) -> None:
        """Give an event after so many updates of them all, though none would be due."""
        self._pause_at = step
        self._training.pause_at(None if step is None else step - self._steps_before)

    @property
    def results(self) -> tuple[FoldResult, ...]:
        """Of the folds that have ended."""
        return tuple(self._finished)

    def events(self) -> Iterator[Event | FoldEnd]:
        """Train, and tell: as a ``Training`` does, with the end of every fold in between.

        Raises Diverged, also where a single fold does.
        """
        reason = "completed"
        while True:
            for event in self._training.events():
                if isinstance(event, Stopped):
                    reason = event.reason
                else:
                    yield self._told(event)
            if self._fold == 0:
                break
            ended = self._end_of_fold(reason)
            yield ended
            self._finished.append(ended.result)
            if len(self._finished) == len(self._order):
                break
            self._begin_next()
        yield Stopped("completed")

    def snapshot(self) -> TrainingState:
        """A copy of the run as it is now; meant to be taken between two events."""
        folds = FoldsState(
            fold=self._fold,
            steps_before=self._steps_before,
            finished=tuple(asdict(each) for each in self._finished[: self._place]),
            best=self._best,
            theta=self._best_theta,
            layer_state=self._best_layer_state,
        )
        return replace(self._training.snapshot(), folds=folds)

    @property
    def _place(self) -> int:
        """How many trainings came before the one under way."""
        return min(len(self._finished), len(self._order) - 1)

    @property
    def _fold(self) -> int:
        return self._order[self._place]

    @property
    def _epochs_before(self) -> int:
        return self._recipe.training.epochs * self._place

    def _train(self, state: TrainingState | None) -> Training:
        fold = self._fold
        recipe = self._recipe if fold else _refitting(self._recipe)
        made = outline(recipe, self._table, self._task, fold=fold)
        return Training(made, self._table, state=state, epochs=None if fold else self._needed())

    def _needed(self) -> int | None:
        """For how many epochs to train on all rows."""
        if not self._recipe.stopping:
            return None
        return max(1, round(fmean(each.best_epoch for each in self._finished)))

    def _begin_next(self) -> None:
        self._steps_before += self._training.snapshot().step
        self._best = self._best_theta = self._best_layer_state = None
        self._training = self._train(None)
        self.pause_at(self._pause_at)

    def _told(self, event: Event) -> Event:
        """An event of one training as one of them all."""
        if isinstance(event, Progress):
            share = (self._place + event.fraction) / len(self._order)
            return replace(event, fraction=share, epochs_before=self._epochs_before)
        assert isinstance(event, EpochEnd)
        if event.improved:
            self._keep_best(event)
        return replace(
            event,
            fold=self._fold,
            improved=self._is_best(event),
            checkpoint_due=event.checkpoint_due and self._fold == 0,
            epochs_before=self._epochs_before,
        )

    def _keep_best(self, event: EpochEnd) -> None:
        if self._fold:
            now = self._training.snapshot()
            self._best = {"train": _finite(event.train), "validation": _finite(event.validation)}
            self._best_theta, self._best_layer_state = now.theta, now.layer_state

    def _is_best(self, event: EpochEnd) -> bool:
        """Whether the network is the model now: better than all folds before, or trained on all."""
        if self._fold == 0:
            return event.epoch == self._training.epochs
        earlier = [each.best for each in self._finished if each.best is not None]
        value = self._training.snapshot().best
        return event.improved and (
            not self._finished or (inf if value is None else value) < min(earlier, default=inf)
        )

    def _end_of_fold(self, reason: str) -> FoldEnd:
        made, state = self._training.outline, self._training.snapshot()
        assert self._best is not None
        assert self._best_theta is not None
        assert self._best_layer_state is not None
        assert state.best_epoch is not None
        result = FoldResult(
            fold=self._fold,
            repeat=(self._fold - 1) // self._repeat_of + 1,
            train_rows=len(made.split.train),
            validation_rows=len(made.split.validation),
            epochs=state.epoch,
            best_epoch=state.best_epoch,
            best=state.best,
            stop_reason=reason,
            **self._best,
        )
        model = Model(
            made.recipe, self._task, made.preprocessor, self._best_theta, self._best_layer_state
        )
        rows = made.split.validation
        return FoldEnd(result, rows, self._truth(rows), model.predict(self._table.take(rows)))

    def _truth(self, rows: Rows) -> NDArray[Any]:
        if self._task.kind == "regression":
            values = self._task.values(self._table, rows)
            return values[:, 0] if self._task.target else values
        return self._task.codes(self._table, rows)


Run = Training | CrossValidated | RangeTesting


def start(
    recipe: Recipe,
    table: Table,
    task: Task,
    *,
    state: TrainingState | None = None,
    preprocessor: Preprocessor | None = None,
    unseen: Table | None = None,
) -> Run:
    """The training, cross-validation or range test that a resolved recipe asks for.

    From a ``state``, and for a single training with a ``preprocessor`` that was fitted before, and
    with another dataset to validate on.
    """
    if isinstance(recipe.validation, CrossValidation):
        return CrossValidated(recipe, table, task, state=state)
    if recipe.range_test is not None:
        unheld = replace(recipe, validation=NoValidation())
        made = outline(unheld, table, task, preprocessor=preprocessor)
        return RangeTesting(made, table, state=state)
    made = outline(recipe, table, task, preprocessor=preprocessor, unseen=unseen)
    return Training(made, table, state=state)


def _refitting(recipe: Recipe) -> Recipe:
    """For the training on all rows: nothing is held out, and the epochs are known."""
    return replace(recipe, validation=NoValidation(), stopping=[])


def _finite(metrics: dict[str, float] | None) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in (metrics or {}).items()}
