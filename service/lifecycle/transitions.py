"""The only place where a job's status changes, and the record of every change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from service.database import clock
from service.database.errors import Conflict, RowNotFound
from service.database.tables import Job, Model, Transition
from service.vocabulary import MOVES, TERMINAL, JobStatus


def get_job(session: Session, job_id: str) -> Job:
    """The row of a job. Raises RowNotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise RowNotFound(f"there is no job {job_id}")
    return job


def move(
    session: Session,
    job: Job,
    status: JobStatus,
    *,
    reason: str,
    detail: dict[str, Any] | None = None,
) -> Transition:
    """Take a job, whose row the caller has locked, to `status`. Raises Conflict.

    The lease and the pending action end with the status they belonged to; a terminal status also
    makes the job's model final.
    """
    before = JobStatus(job.status) if job.seq else None
    if status not in MOVES[before]:
        raise Conflict(f"a job that is {before} cannot become {status}")
    now = clock.now(session)
    job.seq += 1
    job.revision += 1
    job.status = status
    job.pending_action = None
    if status is not JobStatus.RUNNING:
        job.lease_owner = None
        job.lease_expires_at = None
    if status not in {JobStatus.QUEUED, JobStatus.RUNNING}:
        job.until_epoch = job.until_step = None
    if status in TERMINAL:
        job.finished_at = now
        job.eta_seconds = None
        session.execute(
            update(Model).where(Model.job_id == job.id).values(final=True, updated_at=now)
        )
    transition = Transition(
        job_id=job.id,
        seq=job.seq,
        attempt=job.attempt,
        from_status=before,
        to_status=status,
        reason=reason,
        detail=detail,
        created_at=now,
    )
    session.add(transition)
    session.flush()
    return transition


def page(session: Session, job_id: str, *, after: int = 0, limit: int) -> list[Transition]:
    """Transitions with a `seq` above `after`, in order."""
    query = (
        select(Transition)
        .where(Transition.job_id == job_id, Transition.seq > after)
        .order_by(Transition.seq)
        .limit(limit)
    )
    return list(session.scalars(query))
