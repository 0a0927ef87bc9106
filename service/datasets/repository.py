"""Datasets in the database: made once per content and task, deleted when no live job uses them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.database import clock
from service.database.errors import Conflict, RowNotFound
from service.database.identifiers import new_identifier
from service.database.paging import Page, newest_first
from service.database.tables import Dataset, Job
from service.vocabulary import LIVE


def identity(sha256: str, task: dict[str, Any] | None, image: dict[str, int] | None = None) -> str:
    """The digest by which a dataset is known: its content, what is to be predicted, its images."""
    known = [sha256, task] if image is None else [sha256, task, image]
    text = json.dumps(known, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def create(
    session: Session,
    *,
    name: str,
    sha256: str,
    storage_key: str,
    source: dict[str, Any],
    rows: int,
    size_bytes: int,
    columns: list[dict[str, Any]],
    task: dict[str, Any] | None,
    image: dict[str, int] | None = None,
    warnings: list[str] | None = None,
) -> tuple[Dataset, bool]:
    """The dataset of this content, task and size of images, and whether it is new."""
    known = _by_identity(session, identity(sha256, task, image))
    if known is not None:
        return known, False
    dataset = Dataset(
        id=new_identifier("ds"),
        identity=identity(sha256, task, image),
        name=name,
        sha256=sha256,
        storage_key=storage_key,
        source=source,
        rows=rows,
        size_bytes=size_bytes,
        columns=columns,
        task=task,
        image=image,
        warnings=warnings or [],
        created_at=clock.now(session),
    )
    return _insert(session, dataset)


def get(session: Session, dataset_id: str) -> Dataset:
    """The dataset. Raises RowNotFound."""
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        raise RowNotFound(f"there is no dataset {dataset_id}")
    return dataset


def page(session: Session, *, limit: int, cursor: str | None = None) -> Page[Dataset]:
    """Datasets, newest first; `cursor` is the id of the last one already seen."""
    query = select(Dataset).order_by(Dataset.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Dataset.id < cursor)
    return newest_first(session.scalars(query).all(), limit)


def delete(session: Session, dataset_id: str) -> str:
    """Delete a dataset that no live job uses.

    Returns its storage key: what lies there is swept after the commit, if nothing else refers to
    it then. Raises RowNotFound, Conflict.
    """
    dataset = session.scalars(
        select(Dataset).where(Dataset.id == dataset_id).with_for_update()
    ).one_or_none()
    if dataset is None:
        raise RowNotFound(f"there is no dataset {dataset_id}")
    user = session.scalars(
        select(Job.id)
        .where(
            or_(Job.dataset_id == dataset_id, Job.validation_dataset_id == dataset_id),
            Job.status.in_(LIVE),
        )
        .limit(1)
    ).first()
    if user is not None:
        raise Conflict(f"job {user} still uses this dataset: cancel it first")
    session.execute(delete_rows(Dataset).where(Dataset.id == dataset_id))
    return dataset.storage_key


def hold_content(session: Session, storage_key: str) -> None:
    """Let nobody else record or sweep this content until the transaction ends.

    On SQLite there is only one writing transaction at a time.
    """
    if session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(hashlib.sha256(storage_key.encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def refers_to(session: Session, storage_key: str) -> bool:
    """Whether any dataset (of this content, with whatever target) lies at a storage key."""
    known = select(Dataset.id).where(Dataset.storage_key == storage_key).limit(1)
    return session.scalars(known).first() is not None


def _by_identity(session: Session, digest: str) -> Dataset | None:
    return session.scalars(select(Dataset).where(Dataset.identity == digest)).one_or_none()


def _insert(session: Session, dataset: Dataset) -> tuple[Dataset, bool]:
    """Insert, unless another request inserted the same content meanwhile."""
    try:
        with session.begin_nested():
            session.add(dataset)
    except IntegrityError:
        known = _by_identity(session, dataset.identity)
        if known is None:
            raise
        return known, False
    return dataset, True
