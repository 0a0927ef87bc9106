"""From rows of the database to what is sent: the one place that knows both."""

from typing import Any

from sqlalchemy.orm import Session

from service.repositories import checkpoints, epochs
from service.repositories.events import Event
from service.repositories.jobs import JobDetail
from service.schemas.checkpoints import Checkpoint, CheckpointTaken
from service.schemas.datasets import Dataset, Task
from service.schemas.epochs import Epoch
from service.schemas.events import (
    CheckpointEvent,
    EndEvent,
    EpochEvent,
    Transition,
    TransitionEvent,
)
from service.schemas.folds import Fold
from service.schemas.jobs import DatasetReference, Goal, Initial, Job, JobError, Progress
from service.schemas.models import Model, ModelInput
from service.schemas.predictions import CheckpointUsed
from service.tables import checkpoints as checkpoint_table
from service.tables import datasets as dataset_table
from service.tables import epochs as epoch_table
from service.tables import folds as fold_table
from service.tables import jobs as job_table
from service.tables import models as model_table
from service.tables import transitions as transition_table
from service.vocabulary import FailureReason, JobStatus, PendingAction

__all__ = [
    "checkpoint",
    "dataset",
    "end",
    "epoch",
    "event",
    "fold",
    "job",
    "model",
    "model_in_full",
]


def dataset(row: dataset_table.Dataset) -> Dataset:
    """A dataset."""
    return Dataset.model_validate(row)


def epoch(row: epoch_table.Epoch) -> Epoch:
    """The measurements of an epoch."""
    return Epoch(
        seq=row.seq,
        fold=row.fold,
        epoch=row.epoch,
        train=_metrics(row, "train") or {},
        validation=_metrics(row, "validation"),
        gap=None
        if row.validation_loss is None or row.train_loss is None
        else row.validation_loss - row.train_loss,
        learning_rate=row.learning_rate,
        seconds=row.seconds,
        samples=row.samples,
        non_finite=row.non_finite,
        diagnostics=row.diagnostics,
    )


def _metrics(row: epoch_table.Epoch, part: str) -> dict[str, float | None] | None:
    """What was measured on a part of the data; None if nothing was."""
    measured = {name: getattr(row, f"{part}_{name}") for name in epoch_table.METRICS}
    lost = row.non_finite or {}
    return {
        name: value
        for name, value in measured.items()
        if value is not None or f"{part}_{name}" in lost
    } or None


def fold(row: fold_table.Fold) -> Fold:
    """What came of a fold."""
    return Fold.model_validate(row)


def checkpoint(session: Session, row: checkpoint_table.Checkpoint) -> Checkpoint:
    """A checkpoint with the measurements of its epoch, which are looked up."""
    measured = epochs.get(session, row.job_id, row.epoch, row.fold)
    return Checkpoint(
        **CheckpointTaken.model_validate(row).model_dump(),
        best=row.best,
        last=row.last,
        available=row.available,
        metrics=None if measured is None else epoch(measured),
    )


def event(row: Event) -> EpochEvent | CheckpointEvent | TransitionEvent:
    """Anything that happened to a job."""
    if isinstance(row, epoch_table.Epoch):
        return EpochEvent(type="epoch", seq=row.seq, epoch=epoch(row))
    if isinstance(row, checkpoint_table.Checkpoint):
        return CheckpointEvent(
            type="checkpoint", seq=row.seq, checkpoint=CheckpointTaken.model_validate(row)
        )
    return TransitionEvent(type="transition", seq=row.seq, transition=_transition(row))


def _transition(row: transition_table.Transition) -> Transition:
    return Transition.model_validate(row)


def job(detail: JobDetail) -> Job:
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
        latest=None if detail.latest is None else epoch(detail.latest),
        best=None if detail.best is None else epoch(detail.best),
        stop_reason=row.stop_reason,
        error=_error(row.error),
        model_id=detail.model_id,
        fingerprint=row.fingerprint,
        inexact_resume=row.inexact_resume,
        seq=row.seq,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _goal(row: job_table.Job) -> Goal | None:
    if row.until_epoch is None and row.until_step is None:
        return None
    return Goal(epoch=row.until_epoch, step=row.until_step)


def _error(problem: dict[str, Any] | None) -> JobError | None:
    if problem is None:
        return None
    return JobError(
        type=FailureReason(problem["reason"]), **{k: v for k, v in problem.items() if k != "reason"}
    )


def end(detail: JobDetail) -> EndEvent:
    """The last event of a job that has ended."""
    row = detail.job
    return EndEvent(
        type="end",
        seq=row.seq,
        status=JobStatus(row.status),
        stop_reason=row.stop_reason,
        error=_error(row.error),
        model_id=detail.model_id,
    )


def model(row: model_table.Model, used: CheckpointUsed) -> Model:
    """A model and the state it stands for."""
    inputs: dict[str, Any] = row.preprocessor["inputs"]
    return Model(
        id=row.id,
        name=row.name,
        job_id=row.job_id,
        task=Task.model_validate(row.task),
        inputs=[ModelInput(name=name, kind=kind) for name, kind in inputs.items()],
        spec=row.spec,
        checkpoint=used,
        final=row.final,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def model_in_full(session: Session, row: model_table.Model) -> Model:
    """With the checkpoint it stands for, which is looked up; an imported one is at epoch 0."""
    if row.job_id is None:
        return model(row, CheckpointUsed(seq=0, epoch=0))
    checkpoint = checkpoints.get_by_seq(session, row.job_id, row.checkpoint_seq)
    return model(row, CheckpointUsed(seq=checkpoint.seq, epoch=checkpoint.epoch))
