"""Checkpoints as they are sent."""

from sqlalchemy.orm import Session

from service.checkpoints.schemas import Checkpoint, CheckpointTaken
from service.database import tables
from service.epochs import repository as epochs
from service.epochs.schemas import Epoch


def serialize_checkpoint(session: Session, row: tables.Checkpoint) -> Checkpoint:
    """A checkpoint with the measurements of its epoch, which are looked up."""
    measured = epochs.get(session, row.job_id, row.epoch, row.fold)
    return Checkpoint(
        **CheckpointTaken.model_validate(row).model_dump(),
        best=row.best,
        last=row.last,
        available=row.available,
        metrics=None if measured is None else Epoch.model_validate(measured),
    )
