"""Leases: which attempt of a job may write, by the database's clock and a fencing token.

A worker claims a queued job and gets a token one higher than any before. Every write of its attempt
begins with `hold` (or `finish`), which changes the job's row only where the token is still the
current one and the job runs: compare and set, in the same transaction as what is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from service.database import clock
from service.database.errors import LeaseLost
from service.database.tables import Job
from service.lifecycle import transitions
from service.vocabulary import FailureReason, JobStatus, PendingAction

_TABLE = cast("Table", Job.__table__)
_JOBS = _TABLE.c
# Of the table and not the mapped class, which takes several times as long: every write of every
# attempt begins with it.
_OWN = (
    update(_TABLE)
    .where(
        _JOBS.id == bindparam("own_job"),
        _JOBS.fencing_token == bindparam("own_token"),
        _JOBS.status == JobStatus.RUNNING.value,
    )
    .returning(_JOBS.seq, _JOBS.pending_action)
)


@dataclass(frozen=True)
class Lease:
    """The right to write about a job, as long as the token is its current one."""

    job_id: str
    token: int
    attempt: int


@dataclass(frozen=True)
class Held:
    """What a successful compare-and-set says: numbers of the sequence, and what was asked for."""

    first_seq: int
    pending_action: str | None


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how soon a job whose worker was lost is tried again."""

    max_attempts: int
    backoff_seconds: float

    def delay(self, lost_attempts: int) -> timedelta:
        """At once after the first loss, then `backoff_seconds`, then doubled."""
        if lost_attempts <= 1:
            return timedelta(0)
        return timedelta(seconds=self.backoff_seconds * 2 ** min(lost_attempts - 2, 10))


def waiting(session: Session) -> bool:
    """Whether a job waits to be claimed: a cheap look, which takes no lock."""
    query = select(Job.id).where(
        Job.status == JobStatus.QUEUED, Job.available_at <= clock.now(session)
    )
    return session.scalars(query.limit(1)).first() is not None


def claim(session: Session, owner: str, seconds: float) -> Lease | None:
    """Take the job that waits longest, or None when none waits."""
    now = clock.now(session)
    query = (
        select(Job)
        .where(Job.status == JobStatus.QUEUED, Job.available_at <= now)
        .order_by(Job.available_at, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    job = session.scalars(query).one_or_none()
    if job is None:
        return None
    job.fencing_token += 1
    job.attempt += 1
    job.lease_owner = owner
    job.lease_expires_at = now + timedelta(seconds=seconds)
    job.started_at = job.started_at or now
    transitions.move(session, job, JobStatus.RUNNING, reason="claimed")
    return Lease(job.id, job.fencing_token, job.attempt)


def fenced_update(session: Session, lease: Lease, *, advance: int = 0, **values: object) -> Held:
    """Compare and set: the job's row is ours until the commit, with `values` set on it.

    Takes `advance` numbers of the job's sequence, from `first_seq` on. Raises LeaseLost.
    """
    session.flush()
    changed = session.execute(
        _OWN.values(seq=_JOBS.seq + advance, revision=_JOBS.revision + 1, **values),
        {"own_job": lease.job_id, "own_token": lease.token},
    ).one_or_none()
    if changed is None:
        raise _lost(lease)
    return Held(changed.seq - advance + 1, changed.pending_action)


def renew(session: Session, lease: Lease, seconds: float) -> str | None:
    """Keep the lease for `seconds` from now; returns the pending action. Raises LeaseLost."""
    expires = clock.now(session) + timedelta(seconds=seconds)
    changed = session.execute(
        _OWN.values(lease_expires_at=expires),
        {"own_job": lease.job_id, "own_token": lease.token},
    ).one_or_none()
    if changed is None:
        raise _lost(lease)
    action: str | None = changed.pending_action
    return action


def finish(
    session: Session,
    lease: Lease,
    status: JobStatus,
    *,
    reason: str,
    error: dict[str, Any] | None = None,
) -> Job:
    """End an attempt: the job goes to `status` and the lease is given back. Raises LeaseLost.

    `error` is the problem of a failed job. A job that goes back to the queue this way (its worker
    was stopped on purpose) has not lost an attempt.
    """
    job = _locked(session, lease)
    job.stop_reason = reason if status in (JobStatus.SUCCEEDED, JobStatus.CANCELLED) else None
    job.error = error
    if status is JobStatus.SUCCEEDED:
        job.fraction = 1.0
    transitions.move(session, job, status, reason=reason, detail=error)
    return job


def abandon(session: Session, lease: Lease, policy: RetryPolicy, detail: str) -> Job:
    """An attempt's worker died: queue the job again, or do what was pending, or give it up.

    Raises LeaseLost when the job has moved on already.
    """
    job = _locked(session, lease)
    job.lost_attempts += 1
    if job.pending_action == PendingAction.CANCEL:
        return _moved(session, job, JobStatus.CANCELLED, "cancelled")
    if job.lost_attempts >= policy.max_attempts:
        job.error = {
            "reason": FailureReason.WORKER_LOST.value,
            "detail": (
                f"{job.lost_attempts} attempts in a row were lost before they made a new "
                f"checkpoint: {detail}"
            ),
        }
        return _moved(session, job, JobStatus.FAILED, FailureReason.WORKER_LOST.value, job.error)
    if job.pending_action == PendingAction.PAUSE:
        return _moved(session, job, JobStatus.PAUSED, "paused")
    job.available_at = clock.now(session) + policy.delay(job.lost_attempts)
    return _moved(session, job, JobStatus.QUEUED, "worker_lost", {"detail": detail})


def expired(session: Session) -> list[Lease]:
    """Leases that were not renewed in time."""
    query = select(Job.id, Job.fencing_token, Job.attempt).where(
        Job.status == JobStatus.RUNNING, Job.lease_expires_at < clock.now(session)
    )
    return [Lease(*row) for row in session.execute(query)]


def owned(session: Session) -> list[tuple[Lease, str]]:
    """Every lease there is, with its owner."""
    query = select(Job.id, Job.fencing_token, Job.attempt, Job.lease_owner).where(
        Job.status == JobStatus.RUNNING
    )
    return [
        (Lease(job_id, token, attempt), owner or "")
        for job_id, token, attempt, owner in session.execute(query)
    ]


def pending(session: Session, leases: list[Lease]) -> dict[str, str | None]:
    """The pending action of each of these leases' jobs, by job id; lost leases are left out."""
    query = select(Job.id, Job.fencing_token, Job.pending_action).where(
        Job.id.in_([lease.job_id for lease in leases]), Job.status == JobStatus.RUNNING
    )
    tokens = {lease.job_id: lease.token for lease in leases}
    return {
        job_id: action
        for job_id, token, action in session.execute(query)
        if tokens[job_id] == token
    }


def _locked(session: Session, lease: Lease) -> Job:
    query = (
        select(Job)
        .where(
            Job.id == lease.job_id,
            Job.fencing_token == lease.token,
            Job.status == JobStatus.RUNNING,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    job = session.scalars(query).one_or_none()
    if job is None:
        raise _lost(lease)
    return job


def _moved(
    session: Session,
    job: Job,
    status: JobStatus,
    reason: str,
    detail: dict[str, Any] | None = None,
) -> Job:
    if status is JobStatus.CANCELLED:
        job.stop_reason = reason
    transitions.move(session, job, status, reason=reason, detail=detail)
    return job


def _lost(lease: Lease) -> LeaseLost:
    return LeaseLost(f"attempt {lease.attempt} of {lease.job_id} is not the current one any more")
