"""Models as they are sent."""

from typing import Any

from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.checkpoints.schemas import CheckpointUsed
from service.database import tables
from service.datasets.schemas import Task
from service.models.schemas import Model, ModelInput


def serialize_model(row: tables.Model, used: CheckpointUsed) -> Model:
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


def serialize_stored_model(session: Session, row: tables.Model) -> Model:
    """With the checkpoint it stands for, which is looked up; an imported one is at epoch 0."""
    if row.job_id is None:
        return serialize_model(row, CheckpointUsed(seq=0, epoch=0))
    checkpoint = checkpoints.get_by_seq(session, row.job_id, row.checkpoint_seq)
    return serialize_model(row, CheckpointUsed(seq=checkpoint.seq, epoch=checkpoint.epoch))
