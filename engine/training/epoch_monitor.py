"""What is decided at the end of an epoch: whether it is the best so far, and whether to stop."""

from __future__ import annotations

from copy import deepcopy
from math import inf, isfinite
from typing import Any

from engine.recipe import Recipe
from engine.state import TrainingState
from engine.stopping import Epoch

__all__ = ["EpochMonitor"]


class EpochMonitor:
    """Compares epochs by the monitored metric, and asks the schedule and the stopping rules.

    ``best`` is the best monitored value so far, smaller being better, or None if nothing was
    finite; ``best_epoch`` the number of that epoch; ``stop_reason`` the kind of the rule that ended
    the run, "completed" after the last epoch, and None before. ``epochs`` is the largest number of
    epochs. What rules and schedule remember goes on from ``state``.
    """

    def __init__(self, recipe: Recipe, epochs: int, state: TrainingState) -> None:
        self.epochs = epochs
        self.best, self.best_epoch = state.best, state.best_epoch
        self.stop_reason = state.stop_reason
        self._metric, self._rules, self._schedule = (
            recipe.monitor(),
            recipe.stopping,
            recipe.schedule,
        )
        self._stopping_states = deepcopy(state.stopping)
        self._schedule_state = deepcopy(state.schedule)

    @property
    def factor(self) -> float:
        """What the schedule multiplies every later learning rate by, because of past metrics."""
        factor: float = self._schedule_state.get("factor", 1.0)
        return factor

    def states(self) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
        """Copies of what each stopping rule, and what the schedule remembers."""
        return deepcopy(self._stopping_states), deepcopy(self._schedule_state)

    def observe(self, epoch: Epoch) -> bool:
        """Take in one epoch, and return whether it is the best so far.

        The first epoch always is, also where what is monitored is not a number.
        """
        value = self._metric.read(epoch.metrics)
        improved = self.best_epoch is None or value < (inf if self.best is None else self.best)
        if improved:
            self.best, self.best_epoch = (value if isfinite(value) else None), epoch.number
        fired = [
            rule.kind_name()
            for rule, state in zip(self._rules, self._stopping_states, strict=True)
            if rule.observe(state, epoch)
        ]
        self._schedule.observe(self._schedule_state, epoch.metrics)
        if fired:
            self.stop_reason = fired[0]
        elif epoch.number >= self.epochs:
            self.stop_reason = "completed"
        return improved
