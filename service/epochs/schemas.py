"""Epochs: the measurements of a job, one row each."""

from typing import Any

from pydantic import Field

from service.http.schemas import ResponseBody

_METRICS = {"loss": 0.412, "accuracy": 0.87}


class Epoch(ResponseBody):
    """The measurements at the end of one epoch."""

    seq: int
    """The place of this row in the job's sequence of events."""
    fold: int
    """Which fold of the data was held out; 0 without cross-validation."""
    epoch: int
    """Counted from 1."""
    train: dict[str, float | None] = Field(examples=[_METRICS])
    """Loss and metrics on the rows trained on."""
    validation: dict[str, float | None] | None = Field(examples=[_METRICS])
    """The same on the rows held out; null if none are."""
    gap: float | None
    """The loss on the rows held out minus that on the rows trained on: it grows where a network
    learns its rows by heart. Null if none are held out, or a loss is not finite."""
    learning_rate: float
    """The learning rate of this epoch."""
    seconds: float
    """How long the epoch took."""
    samples: int
    """How many rows it trained on."""
    non_finite: dict[str, str] | None
    """Metrics that were not finite, and are null above: `{"train_loss": "inf"}`; else null."""
    diagnostics: dict[str, Any] | None
    """Further measurements, where the job asked for them."""


class EpochPage(ResponseBody):
    """Epochs in the order of their `seq`."""

    data: list[Epoch]
    next_cursor: int | None
    """Send it as `after` for what comes next; null if this was all and no more will
    come: the job has ended, or has come as far as `before`."""
