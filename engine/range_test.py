"""The learning-rate range test: which rates teach, and from which on they do harm.

``RangeTest`` says what is tried, ``Growth`` and ``FarAbove`` make a training do it (see
``range_testing.py``), and ``suggest`` reads the curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Gt, Le, Lt
from numpy.typing import NDArray

from engine.errors import InvalidSpec
from engine.schedules import Factors, Schedule, Times
from engine.spec import Spec
from engine.stopping import Epoch, StoppingRule

__all__ = ["FarAbove", "Growth", "RangeTest", "Suggestion", "smoothed", "suggest"]

Losses = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class RangeTest(Spec):
    """Instead of a training: mini-batches at learning rates that grow from one to the next.

    The rate grows by the same factor with every mini-batch, and the test ends where the smoothed
    loss is far above its lowest value.

    Source: Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3.
    """

    lowest: Annotated[float, Gt(0), Le(1e6)] = 1e-6
    """The learning rate of the first mini-batch."""
    highest: Annotated[float, Gt(0), Le(1e6)] = 10.0
    """That of the last one."""
    steps: Annotated[int, Ge(10), Le(1000)] = 100
    """How many mini-batches are tried."""
    smoothing: Annotated[float, Ge(0), Lt(1)] = 0.9
    """The decay of the running mean that smooths the loss; 0 leaves it as it is."""
    stop_factor: Annotated[float, Gt(1), Le(1e6)] = 4.0
    """How many times its smallest value so far the smoothed loss may be."""

    def __post_init__(self) -> None:
        Spec.__post_init__(self)
        if self.highest <= self.lowest:
            raise InvalidSpec(
                f"highest must be more than lowest ({self.lowest:g}), not {self.highest:g}",
                "/highest",
            )

    def rates(self, steps: NDArray[Any]) -> NDArray[np.float64]:
        """The learning rate of each step, counted from 0."""
        growth = np.log(self.highest / self.lowest) / (self.steps - 1)
        return np.asarray(self.lowest * np.exp(growth * steps), np.float64)


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
class Growth(Schedule):
    """The rates of a test, relative to the optimizer's own."""

    test: RangeTest
    learning_rate: float

    def course(self, times: Times, epochs: int) -> Factors:
        return self.test.rates(np.asarray(times)) / self.learning_rate


@dataclass(frozen=True, kw_only=True)
class FarAbove(StoppingRule):
    """Ends the test where the smoothed loss is far above its lowest value."""

    test: RangeTest

    @classmethod
    def kind_name(cls) -> str:
        return "diverged"

    def observe(self, memory: dict[str, Any], epoch: Epoch) -> bool:
        part = epoch.metrics["train"] or {}
        smoothing = self.test.smoothing
        mean = smoothing * memory.get("mean", 0.0) + (1.0 - smoothing) * part["loss"]
        value = mean / (1.0 - smoothing**epoch.number)
        first = memory.setdefault("first", value)
        best = memory["best"] = min(value, memory.get("best", value))
        memory["mean"] = mean
        return bool(value > best + (self.test.stop_factor - 1.0) * max(abs(best), abs(first) / 100))
