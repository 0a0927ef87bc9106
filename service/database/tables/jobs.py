"""Jobs: what to train, how far it is, and which worker may write about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Float, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from service.database.tables.base import Base, UtcDateTime
from service.vocabulary import JobStatus, PendingAction


def _one_of(column: str, words: type[JobStatus | PendingAction]) -> str:
    return f"{column} IN ({', '.join(repr(word.value) for word in words)})"


class Job(Base):
    """One training job.

    | group | columns |
    | --- | --- |
    | the client's | `name`, `tags`, `user_metadata`; changed by PATCH at any time |
    | the request | `spec` (resolved recipe as JSON), `spec_version`, `task`, the dataset |
    | | `initial`: which model it begins with (its weights are the first checkpoint), and |
    | | `preprocessor`: that model's, if inputs are prepared as it knows them |
    | | `validation_dataset_id`: the dataset that judges, if it is another one |
    | the state | `status`, `pending_action`, `stop_reason`, `error` (problem of a failed job) |
    | the cursor | `seq` (last number given to an epoch, checkpoint or transition of this job), |
    | | `revision` (grows with every change of this row: ETag and long polling) |
    | the progress | `epoch` of `epochs` done, `folds` (0 without cross-validation; `epochs` are |
    | | those of all of them), `fraction` 0..1, `samples_per_second`, |
    | | `eta_seconds`; `latest_seq` and `best_seq` name rows of `epochs` |
    | | `until_epoch`, `until_step`: pause once so many are done (a job that is advanced) |
    | the attempt | `attempt` (how many were started), `lost_attempts` (lost in a row without |
    | | a new checkpoint), `fencing_token`, `lease_owner`, `lease_expires_at` |
    | reproducibility | `fingerprint` of libraries, processor and threads of the first attempt; |
    | | `inexact_resume`: some attempt went on under another fingerprint |

    `dataset_id` becomes null when the dataset is deleted after the job's end; `dataset_sha256`
    stays. `available_at` is when the queue may hand the job out (later after a lost attempt).
    """

    __tablename__ = "jobs"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(200))
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    user_metadata: Mapped[dict[str, Any]] = mapped_column("metadata", JSON, default=dict)

    spec: Mapped[dict[str, Any]] = mapped_column(JSON)
    spec_version: Mapped[int] = mapped_column(Integer, default=1)
    task: Mapped[dict[str, Any]] = mapped_column(JSON)
    initial: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    preprocessor: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    dataset_id: Mapped[str | None] = mapped_column(ForeignKey("datasets.id", ondelete="SET NULL"))
    dataset_sha256: Mapped[str] = mapped_column(String(64))
    dataset_storage_key: Mapped[str] = mapped_column(String(300))

    validation_dataset_id: Mapped[str | None] = mapped_column(String(40))
    validation_storage_key: Mapped[str | None] = mapped_column(String(300))

    status: Mapped[str] = mapped_column(String(16), default=JobStatus.QUEUED.value)
    pending_action: Mapped[str | None] = mapped_column(String(16))
    stop_reason: Mapped[str | None] = mapped_column(String(40))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))

    seq: Mapped[int] = mapped_column(Integer, default=0)
    revision: Mapped[int] = mapped_column(Integer, default=0)

    epoch: Mapped[int] = mapped_column(Integer, default=0)
    epochs: Mapped[int] = mapped_column(Integer)
    folds: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    fraction: Mapped[float] = mapped_column(Float, default=0.0)
    samples_per_second: Mapped[float | None] = mapped_column(Float)
    eta_seconds: Mapped[float | None] = mapped_column(Float)
    latest_seq: Mapped[int | None] = mapped_column(Integer)
    best_seq: Mapped[int | None] = mapped_column(Integer)

    until_epoch: Mapped[int | None] = mapped_column(Integer)
    until_step: Mapped[int | None] = mapped_column(BigInteger)

    attempt: Mapped[int] = mapped_column(Integer, default=0)
    lost_attempts: Mapped[int] = mapped_column(Integer, default=0)
    fencing_token: Mapped[int] = mapped_column(Integer, default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(200))
    lease_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    fingerprint: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    inexact_resume: Mapped[bool] = mapped_column(default=False)

    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    available_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint(_one_of("status", JobStatus), name="status"),
        CheckConstraint(_one_of("pending_action", PendingAction), name="pending_action"),
        Index(None, "status", "available_at"),
        Index(None, "dataset_id"),
    )
