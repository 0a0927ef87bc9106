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

from service.checkpoints import repository as checkpoints
from service.database import clock
from service.database.errors import Conflict, RowNotFound
from service.database.identifiers import new_identifier
from service.database.keyed_query import KeyedQuery
from service.database.paging import Page, newest_first
from service.database.tables import Dataset, Epoch, Job, Model
from service.lifecycle import transitions
from service.vocabulary import TERMINAL, JobStatus, PendingAction


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
    def mark(self) -> JobVersion:
        """How far the job is here."""
        job = self.job
        has_dataset = job.dataset_id is not None
        return JobVersion(job.id, job.seq, job.revision, JobStatus(job.status), has_dataset)


@dataclass(frozen=True)
class JobVersion:
    """How far a job is: enough to see whether anything changed since.

    Every change of a job, and of what a `JobDetail` has besides it, makes another mark.
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


def _mark(job_id: str, seq: int, revision: int, status: str, dataset_id: str | None) -> JobVersion:
    return JobVersion(job_id, seq, revision, JobStatus(status), dataset_id is not None)


VERSION = KeyedQuery(
    select(_JOBS.id, _JOBS.seq, _JOBS.revision, _JOBS.status, _JOBS.dataset_id), _mark
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


def request_pause(session: Session, job_id: str) -> Job:
    """Pause at once when queued, ask the worker when running. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status == JobStatus.QUEUED:
        transitions.move(session, job, JobStatus.PAUSED, reason="paused")
    elif job.status == JobStatus.RUNNING and job.pending_action is None:
        _ask(job, PendingAction.PAUSE)
    elif job.pending_action == PendingAction.CANCEL:
        raise Conflict("the job is being cancelled and cannot be paused")
    elif job.status in TERMINAL:
        raise Conflict(f"the job has {_ended(job)} and cannot be paused")
    return job


def request_resume(session: Session, job_id: str) -> Job:
    """Queue a paused job again, or take back a pause not done yet. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status == JobStatus.PAUSED:
        job.available_at = clock.now(session)
        transitions.move(session, job, JobStatus.QUEUED, reason="resumed")
    elif job.pending_action == PendingAction.PAUSE:
        _ask(job, None)
    elif job.pending_action == PendingAction.CANCEL:
        raise Conflict("the job is being cancelled and cannot be resumed")
    elif _advances(job):
        raise Conflict("the job is being advanced: it pauses by itself, resume it then")
    elif job.status in TERMINAL:
        raise Conflict(f"the job has {_ended(job)} and cannot be resumed: create a new one")
    return job


def request_advance(
    session: Session, job_id: str, *, epochs: int | None = None, steps: int | None = None
) -> Job:
    """Queue a paused job, to pause again after so many epochs or updates more.

    Raises RowNotFound, Conflict.
    """
    job = locked(session, job_id)
    if job.status != JobStatus.PAUSED:
        raise Conflict(f"the job {_is(job)}: only a paused job can be advanced")
    if epochs is not None:
        job.until_epoch = job.epoch + epochs
    if steps is not None:
        job.until_step = checkpoints.furthest_step(session, job_id) + steps
    job.available_at = clock.now(session)
    transitions.move(session, job, JobStatus.QUEUED, reason="advancing")
    return job


def request_cancel(session: Session, job_id: str) -> Job:
    """Cancel at once when nobody trains it, else ask the worker. Raises RowNotFound, Conflict."""
    job = locked(session, job_id)
    if job.status in (JobStatus.QUEUED, JobStatus.PAUSED):
        transitions.move(session, job, JobStatus.CANCELLED, reason="cancelled")
    elif job.status == JobStatus.RUNNING and job.pending_action != PendingAction.CANCEL:
        _ask(job, PendingAction.CANCEL)
    elif job.status in (JobStatus.SUCCEEDED, JobStatus.FAILED):
        raise Conflict(f"the job has {_ended(job)} already")
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


def _ask(job: Job, action: PendingAction | None) -> None:
    job.pending_action = action
    job.revision += 1


def _advances(job: Job) -> bool:
    return job.until_epoch is not None or job.until_step is not None


def _is(job: Job) -> str:
    return f"has {_ended(job)}" if job.status in TERMINAL else f"is {job.status}"


def _ended(job: Job) -> str:
    return "been cancelled" if job.status == JobStatus.CANCELLED else job.status
