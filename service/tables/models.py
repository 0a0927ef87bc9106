"""Models: what a job made, ready to predict."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from service.tables.base import Base, UtcDateTime


class Model(Base):
    """A network with its preprocessing, from the first checkpoint of its job on.

    Its weights are those of the checkpoint (`job_id`, `checkpoint_seq`): the best one so far, or
    the newest one before the end of the first epoch.
    `revision` grows whenever that changes, so a cache may keep what it loaded under
    (`id`, `revision`). `final`: the job has ended, nothing changes any more.
    """

    __tablename__ = "models"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    job_id: Mapped[str] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    task: Mapped[dict[str, Any]] = mapped_column(JSON)
    preprocessor: Mapped[dict[str, Any]] = mapped_column(JSON)
    checkpoint_seq: Mapped[int] = mapped_column(Integer)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    final: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
