"""Epochs: one typed row of measurements per epoch of a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime

METRICS = ("loss", "accuracy", "mae", "r2")
"""What is measured of a part of the data; columns are `train_<metric>`, `validation_<metric>`."""


class Epoch(Base):
    """Measurements at the end of an epoch (counted from 1).

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
    non_finite: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    learning_rate: Mapped[float] = mapped_column(Float(53))
    seconds: Mapped[float] = mapped_column(Float(53))
    samples: Mapped[int] = mapped_column(BigInteger)
    diagnostics: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("job_id", "fold", "epoch"),)
