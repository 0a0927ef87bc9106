"""Epochs: one typed row of measurements per epoch of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime

TYPED_METRICS = ("loss", "accuracy", "mae", "r2")
"""Metrics with columns of their own, `train_<metric>` and `validation_<metric>`; those that came
later lie together in `other_metrics`, so that a new metric needs no migration."""

_COLUMNS = {
    part: tuple((name, f"{part}_{name}") for name in TYPED_METRICS)
    for part in ("train", "validation")
}


class Epoch(Base):
    """Measurements at the end of an epoch (counted from 1).

    `other_metrics` has, by names such as `train_f1`, the metrics without a column of their own.
    A metric that does not belong to the task is null. A measured one that was not finite is null
    too, and `non_finite` says what it was: `{"train_loss": "inf"}`, one of inf, -inf, nan.
    `validation_loss` is null without validation data. `samples` are the rows trained on.
    """

    __tablename__ = "epochs"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attempt: Mapped[int] = mapped_column(Integer)
    fold: Mapped[int] = mapped_column(Integer, default=0)
    epoch: Mapped[int] = mapped_column(Integer)
    train_loss: Mapped[float | None] = mapped_column(Float(53))
    train_accuracy: Mapped[float | None] = mapped_column(Float(53))
    train_mae: Mapped[float | None] = mapped_column(Float(53))
    train_r2: Mapped[float | None] = mapped_column(Float(53))
    validation_loss: Mapped[float | None] = mapped_column(Float(53))
    validation_accuracy: Mapped[float | None] = mapped_column(Float(53))
    validation_mae: Mapped[float | None] = mapped_column(Float(53))
    validation_r2: Mapped[float | None] = mapped_column(Float(53))
    other_metrics: Mapped[dict[str, float | None] | None] = mapped_column(JSON(none_as_null=True))
    non_finite: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    learning_rate: Mapped[float] = mapped_column(Float(53))
    seconds: Mapped[float] = mapped_column(Float(53))
    samples: Mapped[int] = mapped_column(BigInteger)
    diagnostics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("job_id", "fold", "epoch"),)

    @property
    def train(self) -> dict[str, float | None]:
        """The metrics by name on the rows trained on."""
        return self._metrics("train")

    @property
    def validation(self) -> dict[str, float | None] | None:
        """The metrics by name on the rows held out; None if none are."""
        return self._metrics("validation") or None

    @property
    def gap(self) -> float | None:
        """The validation loss minus the training loss; None if either is missing or not finite."""
        if self.validation_loss is None or self.train_loss is None:
            return None
        return self.validation_loss - self.train_loss

    def _metrics(self, part: str) -> dict[str, float | None]:
        not_finite = self.non_finite or {}
        metrics: dict[str, float | None] = {}
        for name, column in _COLUMNS[part]:
            value = getattr(self, column)
            if value is not None or column in not_finite:
                metrics[name] = value
        if self.other_metrics:
            prefix = f"{part}_"
            metrics |= {
                name.removeprefix(prefix): value
                for name, value in self.other_metrics.items()
                if name.startswith(prefix)
            }
        return metrics
