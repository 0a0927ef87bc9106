"""Datasets: their columns, their rows and the task that they set."""

from datetime import datetime
from typing import Any

from pydantic import Field

from trainyard.records.base import Label, Portion, Result

__all__ = ["Column", "DatasetRecord", "RowPage", "Task"]


class Task(Result):
    """What is predicted: ``kind`` is regression, binary, multiclass or multilabel.

    ``target`` is the one column that is predicted, None if ``targets`` are several.
    """

    kind: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    classes: list[Label] = Field(default_factory=list)


class Column(Result):
    """A column of a dataset with its kind; its statistics are further attributes."""

    name: str
    kind: str


class DatasetRecord(Result):
    """A table of rows, known by the digest of its content; ``task`` says what it is to teach."""

    id: str
    name: str | None = None
    sha256: str = ""
    rows: int = 0
    columns: list[Column] = Field(default_factory=list)
    task: Task | None = None
    image: dict[str, int] | None = None
    source: Any = None
    size_bytes: int | None = None
    warnings: list[str] = Field(default_factory=list)
    created_at: datetime | None = None


class RowPage(Portion):
    """Some rows of a dataset, the first of them at ``offset`` of ``total``."""

    data: list[dict[str, Any]]
