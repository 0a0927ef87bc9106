"""Stopping rules: when training has gone on for long enough.

A rule is a frozen value; what it remembers between epochs is a plain dictionary that is saved
with the run, so that a resumed run stops where an uninterrupted one would.
"""

from dataclasses import dataclass
from math import inf, isfinite
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from engine.errors import InvalidSpec
from engine.spec import Spec

__all__ = ["EarlyStopping", "Metrics", "Monitor", "StoppingRule"]

Metrics = dict[str, dict[str, float] | None]
"""One epoch: {"train": {...}, "validation": {...} or None}."""
MetricName = Literal["loss", "accuracy", "mae", "r2"]

_GROWS: dict[MetricName, bool] = {"loss": False, "accuracy": True, "mae": False, "r2": True}
"""Whether a larger value is the better one."""


@dataclass(frozen=True)
class Monitor:
    """One number of every epoch that is to get better: which part, which metric."""

    part: Literal["train", "validation"]
    metric: MetricName

    def read(self, metrics: Metrics) -> float:
        """Its value in one epoch, with the sign turned where a larger one is better.

        Infinite, and so the worst of all, where it is not a number: a single row has no R2.
        """
        part = metrics[self.part]
        if part is None:
            raise InvalidSpec(f"There are no {self.part} rows to watch.")
        value = -part[self.metric] if _GROWS[self.metric] else part[self.metric]
        return value if isfinite(value) else inf


@dataclass(frozen=True, kw_only=True)
class StoppingRule(Spec, family="stopping"):
    """A reason to end training before the last epoch."""

    def monitor(self) -> Monitor | None:
        """What it watches, if that is a metric."""
        return None

    def observe(self, memory: dict[str, Any], metrics: Metrics, epoch: int) -> bool:
        """Take in one epoch, update ``memory`` (empty at first), and say whether to stop."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(StoppingRule):
    """Stops when a metric has not improved for a number of epochs.

    Loss and MAE improve by falling, accuracy and R2 by rising. The model of the run is its best
    epoch, not the one it stopped at.

    Source: Prechelt, "Early stopping - but when?", 1998.
    """

    kind: Literal["early_stopping"] = "early_stopping"
    metric: MetricName = "loss"
    """The metric that has to improve."""
    part: Literal["train", "validation"] = "validation"
    """The rows it is measured on."""
    patience: Annotated[int, Ge(1), Le(1_000_000)] = 20
    """The number of epochs without an improvement after which training stops."""
    min_delta: Annotated[float, Ge(0)] = 0.0
    """The least change that counts as an improvement."""

    def monitor(self) -> Monitor:
        return Monitor(self.part, self.metric)

    def observe(self, memory: dict[str, Any], metrics: Metrics, epoch: int) -> bool:
        value = self.monitor().read(metrics)
        if value < memory.get("best", inf) - self.min_delta:
            memory["best"], memory["epoch"] = value, epoch
        return bool(epoch - memory.setdefault("epoch", 1) >= self.patience)
