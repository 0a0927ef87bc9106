"""Folds: what came of each fold of a job's cross-validation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime


class Fold(Base):
    """A fold that has ended: `train` and `validation` are the metrics at its best epoch.

    A metric that was not finite is null. `out_of_fold` has, as safetensors, the numbers of the rows
    that were held out (`rows`), what is right for them (`truth`: class numbers, or values) and what
    the fold's best network answered (`outputs`: a probability for every class, or values).
    """

    __tablename__ = "folds"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    fold: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    repeat: Mapped[int] = mapped_column(Integer)
    train_rows: Mapped[int] = mapped_column(BigInteger)
    validation_rows: Mapped[int] = mapped_column(BigInteger)
    epochs: Mapped[int] = mapped_column(Integer)
    best_epoch: Mapped[int] = mapped_column(Integer)
    stop_reason: Mapped[str] = mapped_column(String(40))
    train: Mapped[dict[str, Any]] = mapped_column(JSON)
    validation: Mapped[dict[str, Any]] = mapped_column(JSON)
    out_of_fold: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
