"""The events that a training yields while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["EpochEnd", "Event", "Progress", "Stopped"]


@dataclass(frozen=True)
class Progress:
    """Some mini-batches are done; ``fraction`` is the part of all epochs that is behind us.

    ``epochs_before`` are those of trainings that came before it, of other folds.
    """

    epoch: int
    step: int
    fraction: float
    epochs_before: int = 0


@dataclass(frozen=True)
class EpochEnd:
    """An epoch is done.

    Metrics of ``train`` are means over the epoch's mini-batches, taken while the weights move (and
    with dropout at work); those of ``validation`` are measured at its end. ``improved`` says that
    the monitored value was never better, ``checkpoint_due`` that the recipe asks for this state.
    """

    epoch: int
    fold: int
    train: dict[str, float]
    validation: dict[str, float] | None
    learning_rate: float
    seconds: float
    samples: int
    improved: bool
    checkpoint_due: bool
    diagnostics: dict[str, Any] | None = None
    epochs_before: int = 0


@dataclass(frozen=True)
class Stopped:
    """Training is over: "completed", or the kind of the stopping rule that ended it."""

    reason: str


Event = Progress | EpochEnd | Stopped
