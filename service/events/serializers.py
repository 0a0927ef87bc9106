"""Events as they are sent."""

from service.checkpoints.schemas import CheckpointTaken
from service.database import tables
from service.epochs.schemas import Epoch
from service.events.repository import Event
from service.events.schemas import (
    CheckpointEvent,
    EndEvent,
    EpochEvent,
    Transition,
    TransitionEvent,
)
from service.jobs.repository import JobDetail
from service.jobs.serializers import serialize_error
from service.vocabulary import JobStatus


def serialize_event(row: Event) -> EpochEvent | CheckpointEvent | TransitionEvent:
    """Anything that happened to a job."""
    if isinstance(row, tables.Epoch):
        return EpochEvent(type="epoch", seq=row.seq, epoch=Epoch.model_validate(row))
    if isinstance(row, tables.Checkpoint):
        return CheckpointEvent(
            type="checkpoint", seq=row.seq, checkpoint=CheckpointTaken.model_validate(row)
        )
    return TransitionEvent(type="transition", seq=row.seq, transition=_transition(row))


def _transition(row: tables.Transition) -> Transition:
    return Transition.model_validate(row)


def serialize_end(detail: JobDetail) -> EndEvent:
    """The last event of a job that has ended."""
    row = detail.job
    return EndEvent(
        type="end",
        seq=row.seq,
        status=JobStatus(row.status),
        stop_reason=row.stop_reason,
        error=serialize_error(row.error),
        model_id=detail.model_id,
    )
