"""What clients ask of a job: to pause, to resume, to advance by some epochs or updates, to cancel.

A job that nobody trains changes at once. Of one that is being trained its worker is asked: the job
has a ``pending_action`` until the worker has done it.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.database import clock
from service.database.errors import Conflict
from service.database.tables import Job
from service.jobs.repository import locked
from service.lifecycle import transitions
from service.vocabulary import TERMINAL, JobStatus, PendingAction

__all__ = ["request_advance", "request_cancel", "request_pause", "request_resume"]


def request_pause(session: Session, job_id: str) -> Job:
    """Pause at once when queued, ask the worker when running. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status == JobStatus.QUEUED:
        transitions.move(session, job, JobStatus.PAUSED, reason="paused")
    elif job.status == JobStatus.RUNNING and job.pending_action is None:
        _ask(job, PendingAction.PAUSE)
    elif job.pending_action == PendingAction.CANCEL:
        raise Conflict("the job is being cancelled and cannot be paused")
    elif job.status in TERMINAL:
        raise Conflict(f"the job has {_ended(job)} and cannot be paused")
    return job


def request_resume(session: Session, job_id: str) -> Job:
    """Queue a paused job again, or take back a pause not done yet. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status == JobStatus.PAUSED:
        job.available_at = clock.now(session)
        transitions.move(session, job, JobStatus.QUEUED, reason="resumed")
    elif job.pending_action == PendingAction.PAUSE:
        _ask(job, None)
    elif job.pending_action == PendingAction.CANCEL:
        raise Conflict("the job is being cancelled and cannot be resumed")
    elif _advances(job):
        raise Conflict("the job is being advanced: it pauses by itself, resume it then")
    elif job.status in TERMINAL:
        raise Conflict(f"the job has {_ended(job)} and cannot be resumed: create a new one")
    return job


def request_advance(
    session: Session, job_id: str, *, epochs: int | None = None, steps: int | None = None
) -> Job:
    """Queue a paused job, to pause again after so many epochs or updates more.

    Raises RowNotFound, Conflict.
    """
    job = locked(session, job_id)
    if job.status != JobStatus.PAUSED:
        raise Conflict(f"the job {_is(job)}: only a paused job can be advanced")
    if epochs is not None:
        job.until_epoch = job.epoch + epochs
    if steps is not None:
        job.until_step = checkpoints.furthest_step(session, job_id) + steps
    job.available_at = clock.now(session)
    transitions.move(session, job, JobStatus.QUEUED, reason="advancing")
    return job


def request_cancel(session: Session, job_id: str) -> Job:
    """Cancel at once when nobody trains it, else ask the worker. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status in (JobStatus.QUEUED, JobStatus.PAUSED):
        transitions.move(session, job, JobStatus.CANCELLED, reason="cancelled")
    elif job.status == JobStatus.RUNNING and job.pending_action != PendingAction.CANCEL:
        _ask(job, PendingAction.CANCEL)
    elif job.status in (JobStatus.SUCCEEDED, JobStatus.FAILED):
        raise Conflict(f"the job has {_ended(job)} already")
    return job


def _ask(job: Job, action: PendingAction | None) -> None:
    job.pending_action = action
    job.revision += 1


def _advances(job: Job) -> bool:
    return job.until_epoch is not None or job.until_step is not None


def _is(job: Job) -> str:
    return f"has {_ended(job)}" if job.status in TERMINAL else f"is {job.status}"


def _ended(job: Job) -> str:
    return "been cancelled" if job.status == JobStatus.CANCELLED else job.status
