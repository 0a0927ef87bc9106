"""Stopping rules: when training has gone on for long enough.

A rule is a frozen value; what it remembers between epochs is a plain dictionary that is saved
with the run, so that a resumed run stops where an uninterrupted one would.
"""

from dataclasses import dataclass
from math import inf, isfinite
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Ge, Gt, Le

from engine.errors import InvalidSpec
from engine.metrics import MetricName, is_larger_better
from engine.spec import Spec

__all__ = [
    "Divergence",
    "EarlyStopping",
    "Epoch",
    "Metrics",
    "Monitor",
    "Plateau",
    "StoppingRule",
    "Target",
    "TimeLimit",
]

Metrics = dict[str, dict[str, float] | None]
"""One epoch: {"train": {...}, "validation": {...} or None}."""
Part = Literal["train", "validation"]


@dataclass(frozen=True)
class Monitor:
    """One number of every epoch that is to get better: which part, which metric."""

    part: Part
    metric: MetricName

    def read(self, metrics: Metrics) -> float:
        """The value of the metric in one epoch, with the sign turned where larger is better.

        Infinite, and so the worst of all, where it is not a number: a single row has no R2.
        """
        value = self.value(metrics)
        if not isfinite(value):
            return inf
        return -value if is_larger_better(self.metric) else value

    def value(self, metrics: Metrics) -> float:
        """The value of the metric in one epoch. Raises InvalidSpec where its rows are missing."""
        part = metrics[self.part]
        if part is None:
            raise InvalidSpec(f"There are no {self.part} rows to watch.")
        return part[self.metric]


@dataclass(frozen=True)
class Epoch:
    """What a rule may look at: the epoch's number, its metrics, the seconds it took."""

    number: int
    metrics: Metrics
    seconds: float


@dataclass(frozen=True, kw_only=True)
class StoppingRule(Spec, family="stopping"):
    """A reason to end training before the last epoch."""

    reproducible: ClassVar[bool] = True
    """Whether it stops the same run at the same epoch wherever, and whenever, that is run."""

    def monitor(self) -> Monitor | None:
        """The metric that the rule watches, if it watches one."""
        return None

    def judges(self) -> bool:
        """Whether the metric it watches also says which epoch is the best."""
        return False

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        """Take in one epoch, update ``state`` (empty at first), and say whether to stop."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class _Watching(StoppingRule):
    """A rule about one metric."""

    metric: MetricName = "loss"
    """The metric that is watched. Loss and MAE improve by falling, accuracy and R2 by rising."""
    part: Part = "validation"
    """The rows it is measured on."""

    def monitor(self) -> Monitor:
        return Monitor(self.part, self.metric)


@dataclass(frozen=True, kw_only=True)
class EarlyStopping(_Watching):
    """Stops when a metric has not improved for a number of epochs.

    The model of the run is its best epoch by this metric, not the one it stopped at.

    Source: Prechelt, "Early stopping - but when?", 1998.
    """

    kind: Literal["early_stopping"] = "early_stopping"
    patience: Annotated[int, Ge(1), Le(1_000_000)] = 20
    """The number of epochs without an improvement after which training stops."""
    min_delta: Annotated[float, Ge(0)] = 0.0
    """The least change that counts as an improvement."""

    def judges(self) -> bool:
        return True

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        value = self.monitor().read(epoch.metrics)
        if value < state.get("best", inf) - self.min_delta:
            state["best"], state["epoch"] = value, epoch.number
        return bool(epoch.number - state.setdefault("epoch", 1) >= self.patience)


@dataclass(frozen=True, kw_only=True)
class Target(_Watching):
    """Stops when a metric is as good as was asked for."""

    kind: Literal["target"] = "target"
    value: float
    """The value to reach: from above for loss and MAE, from below for accuracy and R2."""

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        reached = self.monitor().value(epoch.metrics)
        return reached >= self.value if is_larger_better(self.metric) else reached <= self.value


@dataclass(frozen=True, kw_only=True)
class Plateau(_Watching):
    """Stops when a metric stays within a narrow band for a number of epochs.

    Unlike early stopping it waits while the metric gets worse, and asks only whether it moves.
    """

    kind: Literal["plateau"] = "plateau"
    epochs: Annotated[int, Ge(2), Le(10_000)] = 10
    """The number of epochs looked back on."""
    width: Annotated[float, Gt(0)] = 1e-4
    """The width of the band: the largest less the smallest value."""

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        value = self.monitor().value(epoch.metrics)
        values = [*state.get("values", []), value] if isfinite(value) else []
        state["values"] = values[-self.epochs :]
        full = len(state["values"]) == self.epochs
        return full and max(state["values"]) - min(state["values"]) <= self.width


@dataclass(frozen=True, kw_only=True)
class Divergence(_Watching):
    """Stops when a metric has become much worse than its best, before it stops being a number.

    Worse by factor - 1 times the size of the best value (which may be negative, as with counts),
    or of a hundredth of the first value, if that is more: above zero is not yet divergence.
    """

    kind: Literal["divergence"] = "divergence"
    metric: Literal["loss", "mae"] = "loss"
    """The metric that is watched."""
    factor: Annotated[float, Gt(1)] = 10.0
    """How many times its smallest value so far is too much."""

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        value = self.monitor().value(epoch.metrics)
        first = state.setdefault("first", value)
        best = state["best"] = min(value, state.get("best", value))
        return bool(value > best + (self.factor - 1.0) * max(abs(best), abs(first) / 100))


@dataclass(frozen=True, kw_only=True)
class TimeLimit(StoppingRule):
    """Stops at the end of the first epoch after a number of seconds of training.

    Time before an interruption counts; how many epochs fit depends on the machine.
    """

    reproducible = False
    kind: Literal["time_limit"] = "time_limit"
    seconds: Annotated[float, Gt(0)]
    """The seconds that training may take."""

    def observe(self, state: dict[str, Any], epoch: Epoch) -> bool:
        state["seconds"] = state.get("seconds", 0.0) + epoch.seconds
        return bool(state["seconds"] >= self.seconds)
