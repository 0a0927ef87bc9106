"""Checkpoints: the whole state of a training, as safetensors bytes in chunks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime


class Checkpoint(Base):
    """The state after `epoch` whole epochs, or within the next one when `partial`.

    `sha256` is of the state's bytes, `weights_sha256` of the weights alone. A checkpoint is kept
    while it is the best one, the last one, or among the newest `keep` periodic ones. After that its
    row stays, so that the job's sequence has no gap, with `available` false and no bytes.
    """

    __tablename__ = "checkpoints"

    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    attempt: Mapped[int] = mapped_column(Integer)
    fold: Mapped[int] = mapped_column(Integer, default=0)
    epoch: Mapped[int] = mapped_column(Integer)
    step: Mapped[int] = mapped_column(BigInteger)
    partial: Mapped[bool] = mapped_column(default=False)
    best: Mapped[bool] = mapped_column(default=False)
    last: Mapped[bool] = mapped_column(default=False)
    periodic: Mapped[bool] = mapped_column(default=False)
    available: Mapped[bool] = mapped_column(default=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    chunks: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(String(64))
    weights_sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("job_id", "fold", "step"),)


class CheckpointChunk(Base):
    """Part `part` (from 0) of a checkpoint's bytes."""

    __tablename__ = "checkpoint_chunks"

    job_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        ForeignKeyConstraint(
            ["job_id", "seq"], ["checkpoints.job_id", "checkpoints.seq"], ondelete="CASCADE"
        ),
    )
