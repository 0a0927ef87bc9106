"""Folds of a job's cross-validation: written as each of them ends."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.database import clock
from service.database.tables import Fold
from service.lifecycle.leases import Lease, fenced_update


@dataclass(frozen=True)
class NewFold:
    """What came of a fold."""

    fold: int
    repeat: int
    train_rows: int
    validation_rows: int
    epochs: int
    best_epoch: int
    stop_reason: str
    train: dict[str, Any]
    validation: dict[str, Any]
    out_of_fold: bytes


def save(session: Session, lease: Lease, new: NewFold) -> None:
    """Write a fold. Raises LeaseLost.

    One that an earlier attempt wrote already (the training went on from an older checkpoint) stays
    as it is.
    """
    fenced_update(session, lease)
    if session.get(Fold, (lease.job_id, new.fold)) is None:
        session.add(Fold(job_id=lease.job_id, created_at=clock.now(session), **asdict(new)))
        session.flush()


def of_job(session: Session, job_id: str) -> list[Fold]:
    """The folds that have ended, in order, without their predictions."""
    return list(session.scalars(select(Fold).where(Fold.job_id == job_id).order_by(Fold.fold)))


def out_of_fold(session: Session, job_id: str, fold: int) -> bytes:
    """The held-out rows of an ended fold and what was predicted for them."""
    query = select(Fold.out_of_fold).where(Fold.job_id == job_id, Fold.fold == fold)
    return session.scalars(query).one()
