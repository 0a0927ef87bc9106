"""Epochs of a job: appended by its attempt, read in pages or thinned out for a chart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, func, insert, or_, select
from sqlalchemy.orm import Session

from service.database import clock
from service.database.tables import Epoch, Job
from service.database.tables.epochs import TYPED_METRICS
from service.lifecycle.leases import Lease, fenced_update

MIN_POINTS = 8
"""Of a curve that is thinned out; fewer cannot keep its shape."""

# Into the table and not the mapped class: nothing is to become of these rows in the session.
_INSERT = insert(cast("Table", Epoch.__table__))


@dataclass(frozen=True)
class NewEpoch:
    """What an attempt measured in one epoch."""

    epoch: int
    train: dict[str, float]
    validation: dict[str, float] | None
    learning_rate: float
    seconds: float
    samples: int
    improved: bool
    fold: int = 0
    diagnostics: dict[str, Any] | None = None


@dataclass(frozen=True)
class Progress:
    """How far a job is: `epoch` of its epochs done, `fraction` of everything."""

    epoch: int
    fraction: float
    samples_per_second: float | None = None
    eta_seconds: float | None = None


@dataclass(frozen=True)
class Selection:
    """Which epochs of a job: those with a `seq` above `after` and below `before`.

    Those of all folds, or of one; with `diagnosed` only those that have diagnostics.
    """

    after: int = 0
    before: int | None = None
    fold: int | None = None
    diagnosed: bool = False

    def conditions(self, job_id: str) -> list[ColumnElement[bool]]:
        """What is true of a row that is wanted."""
        wanted = [Epoch.job_id == job_id, Epoch.seq > self.after]
        if self.before is not None:
            wanted.append(Epoch.seq < self.before)
        if self.fold is not None:
            wanted.append(Epoch.fold == self.fold)
        if self.diagnosed:
            wanted.append(Epoch.diagnostics.is_not(None))
        return wanted


ALL = Selection()

_TYPED = tuple(f"{part}_{name}" for part in ("train", "validation") for name in TYPED_METRICS)
_COPIED = tuple(field.name for field in fields(NewEpoch) if field.name in Epoch.__table__.columns)
"""What a row has as an attempt measured it."""


def page(session: Session, job_id: str, selection: Selection = ALL, *, limit: int) -> list[Epoch]:
    """The first epochs of a selection, in order: the next page begins after the last `seq`."""
    query = select(Epoch).where(*selection.conditions(job_id)).order_by(Epoch.seq).limit(limit)
    return list(session.scalars(query))


def get(session: Session, job_id: str, epoch: int, fold: int = 0) -> Epoch | None:
    """The row of one epoch, or None."""
    query = select(Epoch).where(Epoch.job_id == job_id, Epoch.fold == fold, Epoch.epoch == epoch)
    return session.scalars(query).one_or_none()


def sampled(
    session: Session,
    job_id: str,
    selection: Selection = ALL,
    *,
    max_points: int,
) -> list[Epoch]:
    """At most `max_points` epochs of one fold that keep the shape of the curve of its loss.

    Epochs are cut into buckets of 2^k; of each bucket the rows with the smallest, the largest and
    the last value are kept, and the first and the last row of all. Borders stand at multiples of
    2^k, so a curve that grows does not jump, but for when k grows. The loss is that on validation
    data where there are any, else that on the training data.
    """
    own = selection.conditions(job_id)
    first, last, validated = session.execute(
        select(
            func.min(Epoch.epoch), func.max(Epoch.epoch), func.count(Epoch.validation_loss)
        ).where(*own)
    ).one()
    if not last:
        return []
    loss: ColumnElement[Any] = getattr(Epoch, "validation_loss" if validated else "train_loss")
    bucket = (Epoch.epoch - 1) // _bucket_size(first, last, max_points)
    ranked = (
        select(
            Epoch.seq,
            Epoch.epoch,
            _rank(bucket, loss.is_(None), loss).label("smallest"),
            _rank(bucket, loss.is_(None), loss.desc()).label("largest"),
            _rank(bucket, Epoch.epoch.desc()).label("latest"),
        )
        .where(*own)
        .subquery()
    )
    kept = select(ranked.c.seq).where(
        or_(
            ranked.c.smallest == 1,
            ranked.c.largest == 1,
            ranked.c.latest == 1,
            ranked.c.epoch == first,
        )
    )
    query = select(Epoch).where(Epoch.job_id == job_id, Epoch.seq.in_(kept)).order_by(Epoch.epoch)
    return list(session.scalars(query))


def thinned(
    session: Session, job_id: str, selection: Selection = ALL, *, max_points: int
) -> list[Epoch]:
    """The same of all folds that are wanted: each has its part of the points, or `MIN_POINTS`."""
    known: list[int] = folds(session, job_id) if selection.fold is None else [selection.fold]
    each = max(MIN_POINTS, max_points // max(1, len(known)))
    rows = [
        row
        for fold in known
        for row in sampled(session, job_id, replace(selection, fold=fold), max_points=each)
    ]
    return sorted(rows, key=lambda row: row.seq)


def folds(session: Session, job_id: str) -> list[int]:
    """The folds that have epochs, in order; 0 stands for training on all rows."""
    query = select(Epoch.fold).where(Epoch.job_id == job_id).distinct().order_by(Epoch.fold)
    return list(session.scalars(query))


def append(
    session: Session, lease: Lease, rows: Sequence[NewEpoch], progress: Progress
) -> str | None:
    """Write epochs of an attempt and the job's progress. Raises LeaseLost.

    Epochs that an earlier attempt wrote already (the training went on from an older checkpoint)
    are left out: their numbers in the sequence were given. Returns the pending action.
    """
    recorded = _last_epochs(session, lease.job_id, {row.fold for row in rows}) if rows else {}
    fresh = [row for row in rows if row.epoch > recorded.get(row.fold, 0)]
    held = fenced_update(session, lease, advance=len(fresh), **asdict(progress), **_pointers(fresh))
    if fresh:
        now = clock.now(session)
        numbered = enumerate(fresh, start=held.first_seq)
        values = [_to_row(lease, number, row, now) for number, row in numbered]
        session.execute(_INSERT, values)
    return held.pending_action


def _last_epochs(session: Session, job_id: str, folds: Iterable[int]) -> dict[int, int]:
    """The last epoch that is written, of each of these folds that has one."""
    query = (
        select(Epoch.fold, func.max(Epoch.epoch).label("last"))
        .where(Epoch.job_id == job_id, Epoch.fold.in_(folds))
        .group_by(Epoch.fold)
    )
    return {row.fold: row.last for row in session.execute(query)}


def _pointers(fresh: Sequence[NewEpoch]) -> dict[str, ColumnElement[int]]:
    """The `seq` of the latest and of the best of these epochs, counted from the job's own."""
    if not fresh:
        return {}
    pointers = {"latest_seq": Job.seq + len(fresh)}
    improved = [number for number, row in enumerate(fresh, start=1) if row.improved]
    if improved:
        pointers["best_seq"] = Job.seq + improved[-1]
    return pointers


def _to_row(lease: Lease, seq: int, epoch: NewEpoch, now: datetime) -> dict[str, Any]:
    """The values of the columns of an epoch."""
    measured = {
        f"{part}_{name}": float(value)
        for part, metrics in (("train", epoch.train), ("validation", epoch.validation or {}))
        for name, value in metrics.items()
    }
    not_finite = {name: str(value) for name, value in measured.items() if not math.isfinite(value)}
    finite: dict[str, float | None] = measured | dict.fromkeys(not_finite)
    typed = {name: finite.pop(name, None) for name in _TYPED}
    return typed | {
        "job_id": lease.job_id,
        "seq": seq,
        "attempt": lease.attempt,
        "other_metrics": finite or None,
        "non_finite": not_finite or None,
        "created_at": now,
        **{name: getattr(epoch, name) for name in _COPIED},
    }


def _bucket_size(first: int, last: int, max_points: int) -> int:
    """The smallest power of two whose buckets give at most `max_points` rows."""
    size = 1
    while _most_points(first, last, size) > max_points:
        size *= 2
    return size


def _most_points(first: int, last: int, size: int) -> int:
    buckets = (last - 1) // size - (first - 1) // size + 1
    return min(last - first + 1, 3 * buckets + 1)


def _rank(bucket: ColumnElement[int], *order: ColumnElement[Any]) -> ColumnElement[int]:
    return func.row_number().over(partition_by=bucket, order_by=(*order, Epoch.epoch))
