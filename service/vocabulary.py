"""The words of a job's life: one vocabulary for the database, the API and the workers.

queued -> running -> succeeded | failed | cancelled
queued -> paused | cancelled
running -> paused (checkpointed, its slot is free) | queued (its worker was lost or stopped)
paused -> queued | cancelled
"""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class PendingAction(StrEnum):
    """What was asked of a running job and its worker has not done yet."""

    PAUSE = "pause"
    CANCEL = "cancel"


class FailureReason(StrEnum):
    """Why a job failed."""

    DIVERGED = "diverged"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    WORKER_LOST = "worker_lost"
    INVALID_DATA = "invalid_data"
    INTERNAL = "internal"


TERMINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})
LIVE = frozenset(JobStatus) - TERMINAL

MOVES: dict[JobStatus | None, frozenset[JobStatus]] = {
    None: frozenset({JobStatus.QUEUED}),
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.CANCELLED}),
    JobStatus.RUNNING: frozenset(JobStatus) - {JobStatus.RUNNING},
    JobStatus.PAUSED: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
    JobStatus.SUCCEEDED: frozenset(),
    JobStatus.FAILED: frozenset(),
    JobStatus.CANCELLED: frozenset(),
}
"""Every move there is, from a status (None: just created) to the next."""
