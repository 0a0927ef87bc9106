"""Cross-validation: a training for each fold, some of them side by side, and one on all rows.

``CrossValidated`` has the interface of a single ``Training``: events, snapshots, an outline.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from math import inf
from statistics import fmean

from engine.data.folds import CrossValidation, folds_of
from engine.data.table import Table
from engine.data.task import Task
from engine.data.validation import NoValidation
from engine.recipe import Recipe
from engine.state import FoldsState, TrainingState
from engine.training.events import EpochEnd, Event, Progress, Stopped
from engine.training.fold_training import FoldEnd, FoldResult, FoldTraining
from engine.training.planning import Outline, outline
from engine.training.resources import Resources
from engine.training.run import Training

__all__ = ["CrossValidated", "FoldEnd", "FoldResult"]


class CrossValidated:
    """The trainings of all folds, and, if the recipe wants it, of a last network on all rows.

    That last training goes on for as many epochs as the folds needed on average for their best
    ones, where stopping rules were there to find them, and else for all epochs.

    Where there is room, folds train side by side, in threads. In each round every one of them goes
    on to its next event, and then the events are emitted, fold after fold. No fold depends on
    another, so that all numbers are the same however many there are at a time.
    """

    def __init__(
        self,
        recipe: Recipe,
        table: Table,
        task: Task,
        *,
        state: TrainingState | None = None,
        resources: Resources | None = None,
    ) -> None:
        assert isinstance(recipe.validation, CrossValidation)
        self._recipe, self._table, self._task = recipe, table, task
        rows = len(task.known(table))
        self._folds_of_a_repeat = recipe.validation.shape(rows)[1]
        folds = range(1, folds_of(recipe.validation, rows) + 1)
        self._order: tuple[int, ...] = (*folds, 0) if recipe.validation.refit else (*folds,)
        self._finished: dict[int, FoldResult] = {}
        self._under_way: list[FoldTraining] = []
        self._untold: deque[tuple[int, Event]] = deque()
        self._steps_finished, self._front = 0, self._order[0]
        self._best: tuple[float, int] | None = None
        self._pause_at: int | None = None
        resources = resources or Resources()
        self._threads, self._at_once = resources.threads, 1
        if state is not None and state.folds is not None:
            self._restore(state, state.folds)
        self._fill()
        self._best = min(self._ranks(), default=None)
        self._at_once = resources.trainings(self.outline.plan)
        self._fill()

    @property
    def outline(self) -> Outline:
        """The outline of the training whose event was emitted last."""
        return self.outline_of(self._front)

    def outline_of(self, fold: int) -> Outline:
        """The outline of a fold's training if that is under way, else of another one."""
        known = {each.fold: each for each in self._under_way}
        return known.get(fold, self._under_way[0]).training.outline

    @property
    def epochs(self) -> int:
        """The largest number of epochs, over all trainings."""
        return self._recipe.training.epochs * len(self._order)

    @property
    def epochs_done(self) -> int:
        """The epochs that are over, of all trainings; a fold that stopped early counts whole."""
        return self._epochs_finished + sum(e.training.epochs_done for e in self._under_way)

    @property
    def steps_done(self) -> int:
        """Updates of the parameters, over all trainings."""
        return self._steps_finished + sum(e.training.steps_done for e in self._under_way)

    def pause_at(self, step: int | None) -> None:
        """Give an event after so many updates of them all, though none would be due.

        Exact where one fold is trained at a time.
        """
        self._pause_at = step
        for each in self._under_way:
            before = self.steps_done - each.training.steps_done
            each.training.pause_at(None if step is None else step - before)

    @property
    def results(self) -> tuple[FoldResult, ...]:
        """The results of the folds that have ended, in their order."""
        return tuple(self._finished[fold] for fold in sorted(self._finished))

    def events(self) -> Iterator[Event | FoldEnd]:
        """Train, and yield the events of all trainings, with the end of every fold in between.

        Raises Diverged, also where a single fold does.
        """
        with ThreadPoolExecutor(self._at_once) as threads:
            while True:
                while self._untold:
                    fold, event = self._untold.popleft()
                    self._front = fold
                    if not isinstance(event, Stopped):
                        yield event
                        continue
                    if fold == 0:
                        yield Stopped("completed")
                        return
                    yield from self._end(fold, event)
                    if len(self._finished) == len(self._order):
                        yield Stopped("completed")
                        return
                self._advance(threads)

    def snapshot(self) -> TrainingState:
        """A copy of the run as it is now; meant to be taken between two events.

        At its head is the training whose event was emitted last.
        """
        known = {each.fold: each for each in self._under_way}
        front = known.get(self._front, self._under_way[0])
        own = front.snapshot()
        assert own.folds is not None
        folds = replace(
            own.folds,
            steps_before=self.steps_done - own.step,
            finished=tuple(asdict(each) for each in self._behind),
            others=tuple(each.snapshot() for each in self._under_way if each is not front),
            untold=tuple(asdict(event) for _, event in self._untold if isinstance(event, EpochEnd)),
        )
        return replace(own, folds=folds)

    def _restore(self, state: TrainingState, told: FoldsState) -> None:
        self._finished = {each["fold"]: FoldResult(**each) for each in told.finished}
        self._steps_finished = told.steps_before - sum(each.step for each in told.others)
        self._front = told.fold
        for each in sorted((state, *told.others), key=lambda one: self._order.index(one.fold)):
            self._under_way.append(self._begin(each.fold, each))
        self._untold.extend((each["fold"], EpochEnd(**each)) for each in told.untold)

    def _ranks(self) -> Iterator[tuple[float, int]]:
        """The best value and the number of each fold that has had an epoch."""
        for ended in self.results:
            yield (inf if ended.best is None else ended.best), ended.fold
        for each in self._under_way:
            if each.fold and each.training.epochs_done:
                yield each.rank

    def _begin(self, fold: int, state: TrainingState | None) -> FoldTraining:
        recipe = self._recipe if fold else _refitting(self._recipe)
        made = outline(recipe, self._table, self._task, fold=fold)
        epochs = None if fold else self._needed()
        threads = max(1, self._threads // self._at_once)
        training = Training(made, self._table, state=state, epochs=epochs, threads=threads)
        return FoldTraining(fold, training, self._table, state)

    def _needed(self) -> int | None:
        """The number of epochs of the training on all rows; None for all of them."""
        if not self._recipe.stopping:
            return None
        return max(1, round(fmean(each.best_epoch for each in self.results)))

    def _fill(self) -> None:
        """Begin the next folds while resources last, and the last training after all of them."""
        while len(self._under_way) < self._at_once:
            begun = self._finished.keys() | {each.fold for each in self._under_way}
            fold = next((each for each in self._order if each not in begun), None)
            if fold is None or (fold == 0 and self._under_way):
                break
            self._under_way.append(self._begin(fold, None))
        self.pause_at(self._pause_at)

    def _advance(self, threads: ThreadPoolExecutor) -> None:
        """Run one round: each training that may run goes on to its next event."""
        running = self._under_way[: self._at_once]
        advance = FoldTraining.advance
        # One alone needs no thread, and is not slowed down by one.
        events = threads.map(advance, running) if len(running) > 1 else map(advance, running)
        for each, event in zip(running, list(events), strict=True):
            self._untold.append((each.fold, self._as_one_of_all(each, event)))

    def _as_one_of_all(self, each: FoldTraining, event: Event) -> Event:
        """The event of one training as an event of the whole run."""
        before = self.epochs_done - each.training.epochs_done
        if isinstance(event, Progress):
            done = len(self._behind) + sum(one.training.fraction for one in self._under_way)
            return replace(event, fraction=done / len(self._order), epochs_before=before)
        if isinstance(event, EpochEnd):
            return replace(
                event,
                fold=each.fold,
                improved=self._improves(each, event),
                checkpoint_due=event.checkpoint_due and each.fold == 0,
                epochs_before=before,
            )
        return event

    def _improves(self, each: FoldTraining, event: EpochEnd) -> bool:
        """Whether the network is the model now: better than those of all folds, or on all rows."""
        if each.fold == 0:
            return event.epoch == each.training.epochs
        if not event.improved or (self._best is not None and each.rank >= self._best):
            return False
        self._best = each.rank
        return True

    def _end(self, fold: int, stopped: Stopped) -> Iterator[FoldEnd]:
        """Yield the end of a fold, and begin the next one."""
        (ended,) = (each for each in self._under_way if each.fold == fold)
        event = ended.end(stopped.reason, self._folds_of_a_repeat)
        yield event
        self._finished[fold] = event.result
        if len(self._finished) < len(self._order):
            self._steps_finished += ended.training.steps_done
            self._under_way.remove(ended)
            self._fill()

    @property
    def _behind(self) -> tuple[FoldResult, ...]:
        """The results of folds that have ended and are not the last one under way."""
        under_way = {each.fold for each in self._under_way}
        return tuple(each for each in self.results if each.fold not in under_way)

    @property
    def _epochs_finished(self) -> int:
        return self._recipe.training.epochs * len(self._behind)


def _refitting(recipe: Recipe) -> Recipe:
    """The recipe of the training on all rows: no validation, and a known number of epochs."""
    return replace(recipe, validation=NoValidation(), stopping=[])
