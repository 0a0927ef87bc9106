"""Models: what a job made, or what was imported, ready to predict."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime


class Model(Base):
    """A network with its preprocessing, from the first checkpoint of its job on, or imported.

    Its weights are those of the checkpoint (`job_id`, `checkpoint_seq`): the best one so far, or
    the newest one before the end of the first epoch. Without a job they are in `imported_states`,
    and `state_sha256` is of them.
    `revision` grows whenever that changes, so a cache may keep what it loaded under
    (`id`, `revision`). `final`: the job has ended, nothing changes any more.
    """

    __tablename__ = "models"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    job_id: Mapped[str | None] = mapped_column(
        ForeignKey("jobs.id", ondelete="CASCADE"), unique=True
    )
    name: Mapped[str | None] = mapped_column(String(200))
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    task: Mapped[dict[str, Any]] = mapped_column(JSON)
    preprocessor: Mapped[dict[str, Any]] = mapped_column(JSON)
    checkpoint_seq: Mapped[int] = mapped_column(Integer)
    state_sha256: Mapped[str | None] = mapped_column(String(64))
    revision: Mapped[int] = mapped_column(Integer, default=1)
    final: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ImportedState(Base):
    """Part `part` (from 0) of the bytes of an imported model's state."""

    __tablename__ = "imported_states"

    model_id: Mapped[str] = mapped_column(
        ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)
