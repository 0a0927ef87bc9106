"""The learning-rate range test: which rates teach, and from which on they do harm.

``RangeTest``, a part of the recipe, says what is tried; ``RangeTestSchedule`` and
``RangeTestStopping`` make a training do it (see ``range_test_run.py``), and ``suggest`` reads the
curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.recipe import RangeTest
from engine.schedules import Factors, Schedule, Times
from engine.stopping import Epoch, StoppingRule

__all__ = ["RangeTestSchedule", "RangeTestStopping", "Suggestion", "smoothed", "suggest"]

Losses = NDArray[np.float64]


@dataclass(frozen=True)
class Suggestion:
    """What the curve of a range test says; None where it does not say it.

    ``steepest`` is the rate at which the smoothed loss falls fastest, per factor of the rate: a
    good one to train with. ``lowest_loss`` is where it is lowest, and already too high to begin
    with; a tenth of that is another rule of thumb.
    """

    steepest: float | None
    lowest_loss: float | None
    tenth_of_lowest: float | None


def smoothed(losses: Sequence[float], smoothing: float) -> Losses:
    """The running mean of the losses, corrected for its beginning at zero."""
    mean, means = 0.0, np.empty(len(losses))
    for t, value in enumerate(losses, start=1):
        mean = smoothing * mean + (1.0 - smoothing) * value
        means[t - 1] = mean / (1.0 - smoothing**t)
    return means


def suggest(rates: Sequence[float], losses: Losses, smoothing: float = 0.0) -> Suggestion:
    """Read the curve of losses that were smoothed so; rates grow by a constant factor.

    The first means are of few mini-batches, and jump from one to the next: until one has half the
    weight of a settled mean, its slope says nothing.
    """
    lowest = int(np.argmin(losses)) if len(losses) >= 3 else 0
    if lowest == 0:
        return Suggestion(None, None, None)
    slopes = np.gradient(losses)[: lowest + 1]
    slopes[smoothing ** np.arange(1, lowest + 2) > 0.5] = 0.0
    steepest = int(np.argmin(slopes))
    falls = slopes[steepest] < 0
    return Suggestion(rates[steepest] if falls else None, rates[lowest], rates[lowest] / 10)


@dataclass(frozen=True, kw_only=True)
class RangeTestSchedule(Schedule):
    """The rates of a test, relative to the optimizer's own."""

    test: RangeTest
    learning_rate: float

    def course(self, times: Times, epochs: int) -> Factors:
        return self.test.rates(np.asarray(times)) / self.learning_rate


@dataclass(frozen=True, kw_only=True)
class RangeTestStopping(StoppingRule):
    """Ends the test where the smoothed loss is far above its lowest value."""

    test: RangeTest

    @classmethod
    def kind_name(cls) -> str:
        return "diverged"

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        part = epoch.metrics["train"] or {}
        smoothing = self.test.smoothing
        mean = smoothing * state.get("mean", 0.0) + (1.0 - smoothing) * part["loss"]
        value = mean / (1.0 - smoothing**epoch.number)
        first = state.setdefault("first", value)
        best = state["best"] = min(value, state.get("best", value))
        state["mean"] = mean
        return bool(value > best + (self.test.stop_factor - 1.0) * max(abs(best), abs(first) / 100))
