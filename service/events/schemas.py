"""Events: everything that happens to a job, numbered without gaps."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from service.checkpoints.schemas import CheckpointTaken
from service.epochs.schemas import Epoch
from service.http.schemas import ResponseBody
from service.jobs.schemas import JobError
from service.vocabulary import JobStatus


class Transition(ResponseBody):
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


class EpochEvent(ResponseBody):
    """An epoch was measured."""

    type: Literal["epoch"]
    seq: int
    epoch: Epoch


class CheckpointEvent(ResponseBody):
    """A checkpoint was taken."""

    type: Literal["checkpoint"]
    seq: int
    checkpoint: CheckpointTaken


class TransitionEvent(ResponseBody):
    """The job's status changed."""

    type: Literal["transition"]
    seq: int
    transition: Transition


JobEvent = Annotated[EpochEvent | CheckpointEvent | TransitionEvent, Field(discriminator="type")]


class EndEvent(ResponseBody):
    """The last event of a stream: the job has ended and nothing will follow."""

    type: Literal["end"]
    seq: int
    status: JobStatus
    stop_reason: str | None
    error: JobError | None
    model_id: str | None


class EventPage(ResponseBody):
    """Events in the order of their `seq`."""

    data: list[JobEvent]
    next_cursor: int | None
    """Send it as `after` for what comes next; null if the job has ended and this was all."""
