"""Jobs as clients see and steer them. What their workers write goes through `leases`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    cast,
    delete,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from service.database import clock
from service.database.errors import Conflict, RowNotFound
from service.database.identifiers import new_identifier
from service.database.keyed_query import KeyedQuery
from service.database.paging import Page, newest_first
from service.database.tables import Dataset, Epoch, Job, Model
from service.lifecycle import transitions
from service.vocabulary import TERMINAL, JobStatus


@dataclass(frozen=True)
class JobDetail:
    """A job with the epochs and the model it points to."""

    job: Job
    latest: Epoch | None
    best: Epoch | None
    model_id: str | None

    @property
    def id(self) -> str:
        """The job's id: the cursor of a page."""
        return self.job.id

    @property
    def version(self) -> JobVersion:
        """How far the job is here."""
        job = self.job
        has_dataset = job.dataset_id is not None
        return JobVersion(job.id, job.seq, job.revision, JobStatus(job.status), has_dataset)


@dataclass(frozen=True)
class JobVersion:
    """How far a job is: enough to see whether anything changed since.

    Every change of a job, and of what a `JobDetail` has besides it, makes another version.
    """

    job_id: str
    seq: int
    revision: int
    status: JobStatus
    has_dataset: bool

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more, but for its name, tags and metadata."""
        return self.status in TERMINAL


_LATEST, _BEST = aliased(Epoch), aliased(Epoch)
# Made once: to alias a table costs more than to query it.
_DETAILS: Select[Job, Epoch, Epoch, str] = (
    select(Job, _LATEST, _BEST, Model.id)
    .outerjoin(_LATEST, (_LATEST.job_id == Job.id) & (_LATEST.seq == Job.latest_seq))
    .outerjoin(_BEST, (_BEST.job_id == Job.id) & (_BEST.seq == Job.best_seq))
    .outerjoin(Model, Model.job_id == Job.id)
)
_JOBS = Job.__table__.c


def _version(
    job_id: str, seq: int, revision: int, status: str, dataset_id: str | None
) -> JobVersion:
    return JobVersion(job_id, seq, revision, JobStatus(status), dataset_id is not None)


VERSION = KeyedQuery(
    select(_JOBS.id, _JOBS.seq, _JOBS.revision, _JOBS.status, _JOBS.dataset_id), _version
)
"""How far a job is."""


class Unset:
    """The type of `UNSET`: a field that a change leaves alone."""


UNSET = Unset()


def create(
    session: Session,
    *,
    dataset_id: str,
    spec: dict[str, Any],
    task: dict[str, Any],
    epochs: int,
    folds: int = 0,
    validation_dataset_id: str | None = None,
    initial: dict[str, Any] | None = None,
    preprocessor: dict[str, Any] | None = None,
    name: str | None = None,
    tags: list[str] | None = None,
    user_metadata: dict[str, Any] | None = None,
) -> Job:
    """A queued job with its first transition. Raises RowNotFound when a dataset is gone.

    `spec` is the resolved recipe as JSON, `task` the engine's task as JSON; `epochs` are those of
    all `folds`.
    """
    dataset = _kept(session, dataset_id)
    unseen = None if validation_dataset_id is None else _kept(session, validation_dataset_id)
    now = clock.now(session)
    job = Job(
        id=new_identifier("job"),
        name=name,
        tags=tags or [],
        user_metadata=user_metadata or {},
        spec=spec,
        task=task,
        dataset_id=dataset.id,
        dataset_sha256=dataset.sha256,
        dataset_storage_key=dataset.storage_key,
        epochs=epochs,
        folds=folds,
        validation_dataset_id=validation_dataset_id,
        validation_storage_key=None if unseen is None else unseen.storage_key,
        initial=initial,
        preprocessor=preprocessor,
        created_at=now,
        available_at=now,
    )
    session.add(job)
    session.flush()
    transitions.move(session, job, JobStatus.QUEUED, reason="submitted")
    return job


def _kept(session: Session, dataset_id: str) -> Dataset:
    """The dataset, which cannot be deleted before the end of the transaction."""
    dataset = session.scalars(
        select(Dataset).where(Dataset.id == dataset_id).with_for_update(key_share=True)
    ).one_or_none()
    if dataset is None:
        raise RowNotFound(f"there is no dataset {dataset_id}")
    return dataset


def get(session: Session, job_id: str) -> JobDetail:
    """The job with its latest and best epoch, in one query. Raises RowNotFound."""
    row = session.execute(_DETAILS.where(Job.id == job_id)).one_or_none()
    if row is None:
        raise RowNotFound(f"there is no job {job_id}")
    return _detail(*row)


def page(
    session: Session,
    *,
    limit: int,
    cursor: str | None = None,
    statuses: Collection[JobStatus] = (),
    tag: str | None = None,
) -> Page[JobDetail]:
    """Jobs, newest first, of any of `statuses` and with `tag`; `cursor` is the last id seen."""
    query = _DETAILS.order_by(Job.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Job.id < cursor)
    if statuses:
        query = query.where(Job.status.in_(statuses))
    if tag is not None:
        query = query.where(_has_tag(session, tag))
    return newest_first([_detail(*row) for row in session.execute(query)], limit)


def counts(session: Session) -> dict[JobStatus, int]:
    """How many jobs there are of each status (for metrics)."""
    query = select(Job.status, func.count()).group_by(Job.status)
    found = {JobStatus(status): count for status, count in session.execute(query)}
    return {status: found.get(status, 0) for status in JobStatus}


def change(
    session: Session,
    job_id: str,
    *,
    name: str | Unset | None = UNSET,
    tags: list[str] | Unset = UNSET,
    user_metadata: dict[str, Any] | Unset = UNSET,
) -> Job:
    """Give a job another name, tags or metadata, whatever its status. Raises RowNotFound."""
    job = locked(session, job_id)
    if not isinstance(name, Unset):
        job.name = name
    if not isinstance(tags, Unset):
        job.tags = tags
    if not isinstance(user_metadata, Unset):
        job.user_metadata = user_metadata
    job.revision += 1
    return job


def remove(session: Session, job_id: str) -> None:
    """Delete a job with its epochs, checkpoints and model. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status == JobStatus.RUNNING:
        raise Conflict("the job is running: cancel it first")
    session.execute(delete(Job).where(Job.id == job_id))


def locked(session: Session, job_id: str) -> Job:
    """The job, locked until the end of the transaction. Raises RowNotFound."""
    query = select(Job).where(Job.id == job_id).with_for_update()
    job = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if job is None:
        raise RowNotFound(f"there is no job {job_id}")
    return job


def _detail(job: Job, latest: Epoch | None, best: Epoch | None, model_id: str | None) -> JobDetail:
    return JobDetail(job, latest, best, model_id)


def _has_tag(session: Session, tag: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return cast(Job.tags, JSONB).contains([tag])
    items = func.json_each(Job.tags).table_valued("value")
    return exists(select(items.c.value).where(items.c.value == tag))
