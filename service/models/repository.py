"""Models: one per job from its first checkpoint on, pointing to the best one so far; and imported.

An imported model has no job: its state is its own, and never changes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.database import clock
from service.database.chunks import pieces
from service.database.errors import Conflict, RowNotFound
from service.database.identifiers import new_identifier
from service.database.keyed_query import KeyedQuery
from service.database.paging import Page, newest_first
from service.database.tables import Checkpoint, ImportedState, Job, Model


@dataclass(frozen=True)
class NewModel:
    """What predictions need besides the weights: all fixed before a fold's first epoch."""

    preprocessor: dict[str, Any]


def get(session: Session, model_id: str) -> Model:
    """The model. Raises RowNotFound."""
    model = session.get(Model, model_id)
    if model is None:
        raise RowNotFound(f"there is no model {model_id}")
    return model


_MODELS = Model.__table__.c
REVISION: KeyedQuery[int] = KeyedQuery(
    select(_MODELS.id, _MODELS.revision), lambda _model_id, revision: revision
)
"""What a model is at."""


@dataclass(frozen=True)
class Imported:
    """A model that comes from elsewhere, with the engine's TrainingState as bytes."""

    name: str | None
    spec: dict[str, Any]
    task: dict[str, Any]
    preprocessor: dict[str, Any]
    state: bytes


def create(session: Session, new: Imported) -> Model:
    """Keep an imported model."""
    now = clock.now(session)
    model = Model(
        id=new_identifier("mdl"),
        job_id=None,
        name=new.name,
        spec=new.spec,
        task=new.task,
        preprocessor=new.preprocessor,
        checkpoint_seq=0,
        state_sha256=hashlib.sha256(new.state).hexdigest(),
        final=True,
        created_at=now,
        updated_at=now,
    )
    session.add(model)
    session.flush()
    session.add_all(
        ImportedState(model_id=model.id, part=part, data=data)
        for part, data in enumerate(pieces(new.state))
    )
    session.flush()
    return model


def imported_state(session: Session, model: Model) -> bytes:
    """The bytes of an imported model's state. Raises ValueError if they are not as written."""
    query = (
        select(ImportedState.data)
        .where(ImportedState.model_id == model.id)
        .order_by(ImportedState.part)
    )
    state = b"".join(session.scalars(query))
    if hashlib.sha256(state).hexdigest() != model.state_sha256:
        raise ValueError(f"the state of {model.id} is damaged")
    return state


def delete(session: Session, model_id: str) -> None:
    """Remove an imported model. Raises RowNotFound, and Conflict where it belongs to a job."""
    model = get(session, model_id)
    if model.job_id is not None:
        raise Conflict(f"the model belongs to {model.job_id}: delete the job, and it goes with it")
    session.delete(model)
    session.flush()


def of_job(session: Session, job_id: str) -> Model | None:
    """The model of a job, or None before its first checkpoint."""
    return session.scalars(select(Model).where(Model.job_id == job_id)).one_or_none()


def page(session: Session, *, limit: int, cursor: str | None = None) -> Page[Model]:
    """Models, newest first; `cursor` is the id of the last one already seen."""
    query = select(Model).order_by(Model.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Model.id < cursor)
    return newest_first(session.scalars(query).all(), limit)


def follow(session: Session, checkpoint: Checkpoint, new: NewModel) -> None:
    """Let the model of a job be that of a checkpoint just written, unless there is a better one.

    The first checkpoint of a job makes its model. The caller holds the lease of the job.
    """
    if checkpoint.best or not checkpoints.has_best(session, checkpoint.job_id):
        point_to(session, checkpoint.job_id, checkpoint.seq, new)


def point_to(session: Session, job_id: str, seq: int, new: NewModel) -> None:
    """Make the job's model of a checkpoint, or let the one that there is follow it.

    The caller holds the lease of the job.
    """
    model = of_job(session, job_id)
    now = clock.now(session)
    if model is None:
        session.add(_made(session, job_id, seq, new, now))
        session.flush()
    elif model.checkpoint_seq != seq:
        model.checkpoint_seq = seq
        if model.preprocessor != new.preprocessor:  # that of another fold
            model.preprocessor = new.preprocessor
        model.revision += 1
        model.updated_at = now
        session.flush()


def _made(session: Session, job_id: str, seq: int, new: NewModel, now: datetime) -> Model:
    job = session.scalars(select(Job).where(Job.id == job_id)).one()
    return Model(
        id=new_identifier("mdl"),
        job_id=job_id,
        name=job.name,
        spec=job.spec,
        task=job.task,
        preprocessor=new.preprocessor,
        checkpoint_seq=seq,
        created_at=now,
        updated_at=now,
    )
