"""Everything that happened to a job, in the order of its one sequence."""

from __future__ import annotations

from itertools import takewhile

from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.database.tables import Checkpoint, Epoch, Transition
from service.epochs import repository as epochs
from service.lifecycle import transitions

Event = Epoch | Checkpoint | Transition


def page(session: Session, job_id: str, *, after: int = 0, limit: int) -> list[Event]:
    """Epochs, checkpoints and transitions with a `seq` above `after`, merged, at most `limit`.

    Numbers have no gaps: the next page begins after the last `seq` of this one.
    """
    merged: list[Event] = [
        *epochs.page(session, job_id, epochs.Selection(after=after), limit=limit),
        *transitions.page(session, job_id, after=after, limit=limit),
        *checkpoints.page(session, job_id, after=after, limit=limit, available=None),
    ]
    merged.sort(key=lambda event: event.seq)
    # What was committed between two of the queries may be missing from the first one's answer: the
    # page ends before it, and the next one has it.
    contiguous = takewhile(lambda pair: pair[0] == pair[1].seq, enumerate(merged, after + 1))
    return [event for _, event in contiguous][:limit]
