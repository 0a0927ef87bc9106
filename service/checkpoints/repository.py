"""Checkpoints: written by an attempt in one transaction with what points to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from service.database import clock
from service.database.chunks import pieces
from service.database.errors import RowNotFound
from service.database.tables import Checkpoint, CheckpointChunk, Job
from service.lifecycle.leases import Lease, fenced_update


@dataclass(frozen=True)
class NewCheckpoint:
    """The state of a training and why it is worth keeping."""

    epoch: int
    step: int
    state: bytes
    weights_sha256: str
    partial: bool = False
    best: bool = False
    last: bool = False
    periodic: bool = False
    fold: int = 0


def page(
    session: Session, job_id: str, *, after: int = 0, limit: int, available: bool | None = True
) -> list[Checkpoint]:
    """Checkpoints with a `seq` above `after`, in order; `available=None`: also those dropped."""
    query = (
        select(Checkpoint)
        .where(Checkpoint.job_id == job_id, Checkpoint.seq > after)
        .order_by(Checkpoint.seq)
        .limit(limit)
    )
    if available is not None:
        query = query.where(Checkpoint.available == available)
    return list(session.scalars(query))


def get(session: Session, job_id: str, epoch: int, fold: int = 0) -> Checkpoint:
    """The stored checkpoint after `epoch` epochs, or within the next one. Raises RowNotFound."""
    query = (
        select(Checkpoint)
        .where(
            Checkpoint.job_id == job_id,
            Checkpoint.fold == fold,
            Checkpoint.epoch == epoch,
            Checkpoint.available,
        )
        .order_by(Checkpoint.step)
        .limit(1)
    )
    checkpoint = session.scalars(query).one_or_none()
    if checkpoint is None:
        raise RowNotFound(f"there is no checkpoint of epoch {epoch} of {job_id}")
    return checkpoint


def get_by_seq(session: Session, job_id: str, seq: int) -> Checkpoint:
    """The checkpoint with this number, as a model points to it. Raises RowNotFound."""
    checkpoint = session.get(Checkpoint, (job_id, seq))
    if checkpoint is None:
        raise RowNotFound(f"there is no checkpoint {seq} of {job_id}")
    return checkpoint


def last(session: Session, job_id: str, fold: int | None = None) -> Checkpoint | None:
    """The checkpoint to go on from, or None before the first; or the last one of a fold."""
    own = [] if fold is None else [Checkpoint.fold == fold]
    query = (
        select(Checkpoint)
        .where(Checkpoint.job_id == job_id, Checkpoint.available, *own)
        .order_by(Checkpoint.step.desc(), Checkpoint.seq.desc())
        .limit(1)
    )
    return session.scalars(query).one_or_none()


def read_state(session: Session, checkpoint: Checkpoint) -> bytes:
    """The bytes of the engine's TrainingState. Raises RowNotFound when they were dropped.

    Raises ValueError when the bytes are not those that were written.
    """
    query = (
        select(CheckpointChunk.data)
        .where(CheckpointChunk.job_id == checkpoint.job_id, CheckpointChunk.seq == checkpoint.seq)
        .order_by(CheckpointChunk.part)
    )
    parts = list(session.scalars(query))
    if len(parts) != checkpoint.chunks:
        raise RowNotFound(f"the checkpoint of epoch {checkpoint.epoch} is not kept any more")
    state = b"".join(parts)
    if hashlib.sha256(state).hexdigest() != checkpoint.sha256:
        raise ValueError(f"checkpoint {checkpoint.seq} of {checkpoint.job_id} is damaged")
    return state


def begin_with(session: Session, job: Job, new: NewCheckpoint) -> None:
    """Give a job that was never trained the state that it is to go on from."""
    job.seq += 1
    job.revision += 1
    lease = Lease(job.id, token=0, attempt=0)
    _insert(session, lease, job.seq, new).last = True
    session.flush()


def save(
    session: Session,
    lease: Lease,
    new: NewCheckpoint,
    *,
    keep: int,
) -> Checkpoint:
    """Write a checkpoint, and drop the states that are not kept any more.

    A state that is stored already (the training went on from an older one and came by again) only
    gets its new roles. Raises LeaseLost.
    """
    stored = _by_step(session, lease.job_id, new)
    newer = new.step > furthest_step(session, lease.job_id)
    progress: dict[str, Any] = {"lost_attempts": 0} if newer else {}
    held = fenced_update(session, lease, advance=0 if stored else 1, **progress)
    _take_roles(session, lease.job_id, new)
    if stored is None:
        stored = _insert(session, lease, held.first_seq, new)
    else:
        _restore(session, stored, new)
    stored.best = stored.best or new.best
    stored.last = stored.last or new.last
    stored.periodic = stored.periodic or new.periodic
    session.flush()
    _drop_others(session, lease.job_id, keep)
    return stored


def _by_step(session: Session, job_id: str, new: NewCheckpoint) -> Checkpoint | None:
    query = select(Checkpoint).where(
        Checkpoint.job_id == job_id, Checkpoint.fold == new.fold, Checkpoint.step == new.step
    )
    return session.scalars(query).one_or_none()


def has_best(session: Session, job_id: str) -> bool:
    """Whether a checkpoint of a job is known to be its best one."""
    query = select(Checkpoint.seq).where(Checkpoint.job_id == job_id, Checkpoint.best).limit(1)
    return session.scalars(query).first() is not None


def furthest_step(session: Session, job_id: str) -> int:
    """The updates done at the last checkpoint there was; 0 before the first."""
    query = select(func.max(Checkpoint.step)).where(Checkpoint.job_id == job_id)
    furthest: int | None = session.scalars(query).one()
    return furthest or 0


def _take_roles(session: Session, job_id: str, new: NewCheckpoint) -> None:
    """There is one best and one last checkpoint of a job."""
    own = update(Checkpoint).where(Checkpoint.job_id == job_id)
    if new.best:
        session.execute(own.where(Checkpoint.best).values(best=False))
    if new.last:
        session.execute(own.where(Checkpoint.last).values(last=False))


def _insert(session: Session, lease: Lease, seq: int, new: NewCheckpoint) -> Checkpoint:
    checkpoint = Checkpoint(
        job_id=lease.job_id,
        seq=seq,
        attempt=lease.attempt,
        fold=new.fold,
        epoch=new.epoch,
        step=new.step,
        partial=new.partial,
        size_bytes=len(new.state),
        chunks=0,
        sha256="",
        weights_sha256=new.weights_sha256,
        created_at=clock.now(session),
    )
    session.add(checkpoint)
    _write_chunks(session, checkpoint, new)
    return checkpoint


def _restore(session: Session, stored: Checkpoint, new: NewCheckpoint) -> None:
    """Bytes that were dropped come back when the same state is saved again."""
    if not stored.available:
        stored.available = True
        _write_chunks(session, stored, new)


def _write_chunks(session: Session, checkpoint: Checkpoint, new: NewCheckpoint) -> None:
    parts = pieces(new.state)
    checkpoint.chunks = len(parts)
    checkpoint.size_bytes = len(new.state)
    checkpoint.sha256 = hashlib.sha256(new.state).hexdigest()
    checkpoint.weights_sha256 = new.weights_sha256
    session.flush()
    for part, data in enumerate(parts):
        session.add(
            CheckpointChunk(job_id=checkpoint.job_id, seq=checkpoint.seq, part=part, data=data)
        )


def _drop_others(session: Session, job_id: str, keep: int) -> None:
    """Keep the bytes of the best, the last, and the newest `keep` periodic checkpoints."""
    newest = (
        select(Checkpoint.seq)
        .where(Checkpoint.job_id == job_id, Checkpoint.periodic)
        .order_by(Checkpoint.step.desc())
        .limit(keep)
    )
    kept: ColumnElement[bool] = or_(
        Checkpoint.best, Checkpoint.last, Checkpoint.seq.in_(list(session.scalars(newest)))
    )
    dropped = list(
        session.scalars(
            select(Checkpoint.seq).where(Checkpoint.job_id == job_id, Checkpoint.available, ~kept)
        )
    )
    if not dropped:
        return
    session.execute(
        delete(CheckpointChunk).where(
            CheckpointChunk.job_id == job_id, CheckpointChunk.seq.in_(dropped)
        )
    )
    session.execute(
        update(Checkpoint)
        .where(Checkpoint.job_id == job_id, Checkpoint.seq.in_(dropped))
        .values(available=False)
    )
