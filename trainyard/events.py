"""What happens to a job, as events."""

from datetime import datetime
from typing import Any, TypeAlias

from trainyard.protocol.answers import parse
from trainyard.protocol.sse import ServerSentEvent
from trainyard.records import Checkpoint, Epoch, JobError, Result

__all__ = [
    "CheckpointEvent",
    "EndEvent",
    "EpochEvent",
    "Event",
    "OtherEvent",
    "Transition",
    "TransitionEvent",
    "read_event",
]


class EpochEvent(Result):
    """An epoch was measured."""

    seq: int
    epoch: Epoch


class CheckpointEvent(Result):
    """A checkpoint was taken."""

    seq: int
    checkpoint: Checkpoint


class Transition(Result):
    """From one status (``None``: the job was made) to the next, and why."""

    from_status: str | None = None
    to_status: str
    reason: str = ""
    attempt: int = 0
    created_at: datetime | None = None


class TransitionEvent(Result):
    """The job's status changed."""

    seq: int
    transition: Transition


class EndEvent(Result):
    """The last event: the job has ended and nothing will follow."""

    seq: int
    status: str
    stop_reason: str | None = None
    error: JobError | None = None
    model_id: str | None = None


class OtherEvent(Result):
    """An event of a kind that this version of the client does not know."""

    type: str
    seq: int | None = None


Event: TypeAlias = EpochEvent | CheckpointEvent | TransitionEvent | EndEvent | OtherEvent

_KINDS: dict[str, type[EpochEvent | CheckpointEvent | TransitionEvent | EndEvent]] = {
    "epoch": EpochEvent,
    "checkpoint": CheckpointEvent,
    "transition": TransitionEvent,
    "end": EndEvent,
}


def read_event(event: ServerSentEvent) -> Event:
    """The event that came over a stream."""
    data: dict[str, Any] = parse(event.data)
    kind = _KINDS.get(event.name)
    return (
        kind.model_validate(data)
        if kind
        else OtherEvent.model_validate(data | {"type": event.name})
    )
