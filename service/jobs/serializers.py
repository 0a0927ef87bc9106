"""Jobs as they are sent."""

from typing import Any

from service.database import tables
from service.datasets.schemas import Task
from service.epochs.schemas import Epoch
from service.jobs.repository import JobDetail
from service.jobs.schemas import DatasetReference, Goal, Initial, Job, JobError, Progress
from service.vocabulary import FailureReason, JobStatus, PendingAction


def serialize_job(detail: JobDetail) -> Job:
    """A job with what it points to."""
    row = detail.job
    task = Task.model_validate(row.task)
    return Job(
        id=row.id,
        name=row.name,
        tags=row.tags,
        metadata=row.user_metadata,
        status=JobStatus(row.status),
        pending_action=None if row.pending_action is None else PendingAction(row.pending_action),
        advance_to=_goal(row),
        attempt=row.attempt,
        spec=row.spec,
        initial=None if row.initial is None else Initial.model_validate(row.initial),
        dataset=DatasetReference(id=row.dataset_id, sha256=row.dataset_sha256),
        target=task.target,
        targets=task.targets,
        progress=Progress(
            epoch=row.epoch,
            epochs=row.epochs,
            fraction=row.fraction,
            eta_seconds=row.eta_seconds,
            samples_per_second=row.samples_per_second,
        ),
        latest=None if detail.latest is None else Epoch.model_validate(detail.latest),
        best=None if detail.best is None else Epoch.model_validate(detail.best),
        stop_reason=row.stop_reason,
        error=serialize_error(row.error),
        model_id=detail.model_id,
        fingerprint=row.fingerprint,
        inexact_resume=row.inexact_resume,
        seq=row.seq,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _goal(row: tables.Job) -> Goal | None:
    if row.until_epoch is None and row.until_step is None:
        return None
    return Goal(epoch=row.until_epoch, step=row.until_step)


def serialize_error(problem: dict[str, Any] | None) -> JobError | None:
    """Why a job has failed; None if it has not."""
    if problem is None:
        return None
    return JobError(
        type=FailureReason(problem["reason"]), **{k: v for k, v in problem.items() if k != "reason"}
    )
