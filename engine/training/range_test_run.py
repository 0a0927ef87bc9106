"""Carries out a learning-rate range test.

Every mini-batch is an epoch of its own, so that the loss at every rate is measured, stored and
shown as epochs are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.data.table import Table
from engine.errors import Diverged
from engine.state import TrainingState
from engine.training.events import EpochEnd, Event, Stopped
from engine.training.planning import Outline
from engine.training.range_test import RangeTestSchedule, RangeTestStopping
from engine.training.run import Training

__all__ = ["RangeTestRun"]


class RangeTestRun:
    """A range test over the training rows, one mini-batch an epoch."""

    def __init__(
        self,
        outline: Outline,
        table: Table,
        *,
        state: TrainingState | None = None,
        threads: int | None = None,
    ) -> None:
        self.outline = _tested(outline)
        if state is not None and state.epoch == 0:
            # A state made for the recipe has places for its stopping rules; the test has its own.
            state = replace(state, stopping=tuple({} for _ in self.outline.recipe.stopping))
        self._training = Training(self.outline, table, state=state, threads=threads)
        self.epochs = self._training.epochs
        self.pause_at = self._training.pause_at
        self.snapshot = self._training.snapshot

    @property
    def epochs_done(self) -> int:
        """The number of learning rates that were tried."""
        return self._training.epochs_done

    @property
    def steps_done(self) -> int:
        """The number of updates, which is that of the learning rates tried."""
        return self._training.steps_done

    def events(self) -> Iterator[Event]:
        """Try rate after rate, and yield the events.

        No epoch is the best, as a test makes no model. Numbers that are not finite end the test, as
        its stopping rule does.
        """
        try:
            for event in self._training.events():
                if isinstance(event, EpochEnd):
                    yield replace(event, improved=False, checkpoint_due=False)
                else:
                    yield event
        except Diverged:
            yield Stopped("diverged")


def _tested(outline: Outline) -> Outline:
    """The outline with mini-batches as epochs, at growing learning rates."""
    recipe = outline.recipe
    test, optimizer = recipe.range_test, recipe.optimizer
    assert test is not None
    changed = replace(
        recipe,
        schedule=RangeTestSchedule(test=test, learning_rate=optimizer.learning_rate),
        stopping=[RangeTestStopping(test=test)],
        training=replace(recipe.training, epochs=test.steps),
        diagnostics=None,
    )
    return replace(outline, recipe=changed, plan=replace(outline.plan, steps_per_epoch=1))
