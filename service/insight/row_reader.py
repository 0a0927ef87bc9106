"""Rows with their answers, from wherever a request says: sent along, a dataset, the job's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import DTypeLike, NDArray

from engine import InvalidData, Table, Task, split
from engine.data.table import Rows
from engine.insight.study import InspectedModel
from service.database.errors import RowNotFound
from service.database.sessions import Database
from service.database.tables import Job
from service.datasets import repository as datasets
from service.datasets.storage import Storage
from service.http.errors import Conflict, Invalid
from service.insight.samples import some_rows
from service.insight.schemas import MAX_ROWS, FewRows
from service.jobs import repository as jobs
from service.models.cache import LoadedModel
from service.rows.schemas import Part, RowSource
from service.rows.tables import misplaced, read_rows

__all__ = ["Answered", "RowReader", "few_samples", "find_rows", "part_of_job"]


@dataclass(frozen=True)
class RowReader:
    """Where rows can be read from; a request may send ``max_rows`` of its own at the most."""

    database: Database
    storage: Storage
    max_rows: int


@dataclass(frozen=True)
class Answered:
    """Rows whose target is known, with the numbers that they have at their source."""

    table: Table
    numbers: Rows
    source: RowSource
    ready: LoadedModel

    def sample(self, most: int) -> "Answered":
        """At most so many of them, chosen at random, always the same ones."""
        if self.table.rows <= most:
            return self
        chosen = some_rows(self.table.rows, most)
        return replace(self, table=self.table.take(chosen), numbers=self.numbers[chosen])

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Give errors about these rows a place in the request."""
        try:
            yield
        except InvalidData as error:
            if error.row is not None:
                error.row = int(self.numbers[error.row])
            if self.source.data is not None:
                raise misplaced(self.source.data, self.ready.columns, error, at=("data",)) from None
            where = _pointer(self.source)
            raise Invalid.at(where, error.message, row=error.row, column=error.column) from None


def find_rows(source: RowSource, ready: LoadedModel, reader: RowReader) -> Answered:
    """The rows of a source, without those that have no target. Raises Invalid if none is left."""
    table = _table(source, ready, reader)
    task = ready.model.task
    rows = task.known(table)
    if len(rows) == 0:
        raise Invalid.at(_pointer(source), f"No row has a value in the {task.named}.")
    return Answered(table.take(rows), rows, source, ready)


def part_of_job(part: Part, ready: LoadedModel, reader: RowReader) -> tuple[Table, Rows]:
    """The job's table, and which rows it held out or trained on: split again from its seed."""
    if ready.row.job_id is None:
        raise Conflict("The model was imported, without its data: name a dataset, or send rows.")
    with reader.database.read() as session:
        job = jobs.get(session, ready.row.job_id).job
    if job.dataset_id is None:
        raise Conflict("The dataset of the job was deleted: name another one.")
    table = reader.storage.table(job.dataset_storage_key)
    unseen = _other_table(job, reader)
    recipe = ready.model.recipe
    fold = ready.fold
    parts = split(recipe.validation, table, ready.model.task, recipe.chosen.seed, fold, unseen)
    if part == "validation":
        return parts.table_for_validation(table), parts.validation_indices
    return table, parts.train_indices


def _other_table(job: Job, reader: RowReader) -> Table | None:
    """That of the dataset that the job validated on, if it was another one."""
    if job.validation_dataset_id is None or job.validation_storage_key is None:
        return None
    try:
        with reader.database.read() as session:
            datasets.get(session, job.validation_dataset_id)
    except RowNotFound:
        raise Conflict("The dataset that the job validated on was deleted.") from None
    return reader.storage.table(job.validation_storage_key)


def _pointer(source: RowSource) -> str:
    """To where the rows come from."""
    given = [name for name in ("dataset", "data", "part") if getattr(source, name) is not None]
    return f"/{given[0]}" if given else ""


def _table(source: RowSource, ready: LoadedModel, reader: RowReader) -> Table:
    if source.data is not None:
        most = reader.max_rows
        return read_rows(source.data, ready.columns, most=most, at=("data",))
    if source.dataset is not None:
        return _dataset(source.dataset, ready.model.task, reader)
    table, rows = part_of_job(source.part or "validation", ready, reader)
    if len(rows) == 0:
        raise Invalid.at("/part", "The job held no rows out: name a dataset, or send rows.")
    return table.take(rows)


def _dataset(dataset_id: str, task: Task, reader: RowReader) -> Table:
    try:
        with reader.database.read() as session:
            row = datasets.get(session, dataset_id)
    except RowNotFound:
        raise Invalid.at("/dataset", f"There is no dataset {dataset_id[:60]!r}.") from None
    table = reader.storage.table(row.storage_key)
    absent = next((each for each in task.targets if each not in table.columns), None)
    if absent is not None:
        raise Invalid.at("/dataset", f"The dataset has no column {absent!r}.")
    return table


def few_samples(
    rows: FewRows, ready: LoadedModel, study: InspectedModel, dtype: DTypeLike | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Prepared inputs and targets of rows that are a request's body themselves.

    Raises Invalid with a pointer to the row and the column where one does not fit.
    """
    table = read_rows(rows, ready.columns, most=MAX_ROWS)
    try:
        return study.samples(table, dtype)
    except InvalidData as error:
        raise misplaced(rows, ready.columns, error) from None
