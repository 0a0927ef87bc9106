"""Events: everything that happens to a job, numbered without gaps."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from service.checkpoints.schemas import CheckpointTaken
from service.epochs.schemas import Epoch
from service.http.schemas import Reply
from service.jobs.schemas import JobError
from service.vocabulary import JobStatus


class Transition(Reply):
    """A job went from one status to another."""

    seq: int
    attempt: int
    from_status: JobStatus | None
    """Null: the job was made."""
    to_status: JobStatus
    reason: str
    """One word: `submitted`, `claimed`, `worker_lost`, `completed`, ..."""
    detail: dict[str, Any] | None
    created_at: datetime


class EpochEvent(Reply):
    """An epoch was measured."""

    type: Literal["epoch"]
    seq: int
    epoch: Epoch


class CheckpointEvent(Reply):
    """A checkpoint was taken."""

    type: Literal["checkpoint"]
    seq: int
    checkpoint: CheckpointTaken


class TransitionEvent(Reply):
    """The job's status changed."""

    type: Literal["transition"]
    seq: int
    transition: Transition


JobEvent = Annotated[EpochEvent | CheckpointEvent | TransitionEvent, Field(discriminator="type")]


class EndEvent(Reply):
    """The last event of a stream: the job has ended and nothing will follow."""

    type: Literal["end"]
    seq: int
    status: JobStatus
    stop_reason: str | None
    error: JobError | None
    model_id: str | None


class EventPage(Reply):
    """Events in the order of their `seq`."""

    data: list[JobEvent]
    next_cursor: int | None
    """Send it as `after` for what comes next; null if the job has ended and this was all."""
