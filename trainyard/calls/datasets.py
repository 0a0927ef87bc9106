"""Calls about datasets: rows to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from trainyard.calls.identifiers import identifier
from trainyard.calls.rows import Table, as_rows
from trainyard.protocol import request as http
from trainyard.protocol.answers import nothing
from trainyard.protocol.paging import MOST, Paging
from trainyard.protocol.request import Call, Request, Upload, idempotency_header, path
from trainyard.records import DatasetRecord, Page, RowPage

MAX_ROWS = 1000
"""The most rows that the service gives at a time."""


class DatasetCalls:
    """What ``client.datasets`` asks for. A dataset is given as its id or as a :class:`Dataset`."""

    @staticmethod
    def create(
        *,
        file: str | Path | None = None,
        content: bytes | None = None,
        rows: Table = None,
        columns: Iterable[str] | None = None,
        builtin: str | Mapping[str, Any] | None = None,
        target: str | Sequence[str] | None = None,
        task: str | None = None,
        image: tuple[int, ...] | None = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> Call[DatasetRecord]:
        """Create a dataset from a file (CSV, ...), the content of one, rows, or built-in data.

        ``rows`` are mappings by column, a data frame, or a matrix whose ``columns`` are named;
        ``builtin`` is a name ("digits") or a mapping (``{"kind": "two_moons", "samples": 500}``).
        ``target`` is the column to predict, or several of them; ``task`` "classification" or
        "regression" where the values could mean either. ``image`` says that rows are images:
        (width, height) or (width, height, channels). Raises OSError if the file cannot be read.
        """
        about: dict[str, Any] = {"name": name, "task": task}
        fields = {key: value for key, value in about.items() if value is not None}
        if sum(source is not None for source in (file, content, rows, builtin)) != 1:
            raise TypeError("give one of file, content, rows and builtin")
        if file is not None or content is not None:
            if target is not None:
                fields["target"] = target if isinstance(target, str) else [*target]
            if image is not None:
                fields["image"] = "x".join(map(str, image))
            request = _upload(file, content, fields, idempotency_key)
        else:
            data = {"builtin": builtin} if builtin is not None else as_rows(rows, columns)
            about_images = dict(zip(("width", "height", "channels"), image or (), strict=False))
            if target is not None:
                fields |= {"target": target} if isinstance(target, str) else {"targets": [*target]}
            body = data | fields | ({"image": about_images} if about_images else {})
            request = http.post(path("datasets"), body, idempotency_key=idempotency_key)
        return Call(request, DatasetRecord.read)

    @staticmethod
    def list(*, limit: int | None = None, cursor: str | None = None) -> Call[Page[DatasetRecord]]:
        """Datasets, newest first; give a page's ``next_cursor`` as ``cursor`` for the next page."""
        return Call(
            http.get(path("datasets"), limit=limit, cursor=cursor), Page[DatasetRecord].read
        )

    @staticmethod
    def all() -> Paging[DatasetRecord]:
        """All datasets, newest first, page after page as they are asked for."""
        return Paging(partial(DatasetCalls.list, limit=MOST))

    @staticmethod
    def get(dataset: str | DatasetRecord) -> Call[DatasetRecord]:
        """Columns with their statistics, and what is to be predicted."""
        return Call(http.get(path("datasets", identifier(dataset))), DatasetRecord.read)

    @staticmethod
    def rows(
        dataset: str | DatasetRecord, *, offset: int | None = None, limit: int | None = None
    ) -> Call[RowPage]:
        """Some of the rows, as mappings by column."""
        where = path("datasets", identifier(dataset), "rows")
        return Call(http.get(where, offset=offset, limit=limit), RowPage.read)

    @staticmethod
    def all_rows(dataset: str | DatasetRecord) -> Paging[dict[str, Any]]:
        """Every row, as a mapping by column, page after page as they are asked for."""
        return Paging(partial(DatasetCalls.rows, dataset, limit=MAX_ROWS), by="offset")

    @staticmethod
    def delete(dataset: str | DatasetRecord) -> Call[None]:
        """Remove a dataset that no live job uses."""
        return Call(Request("DELETE", path("datasets", identifier(dataset))), nothing)


def _upload(
    file: str | Path | None, content: bytes | None, fields: Mapping[str, Any], key: str | None
) -> Request:
    """A multipart request; the file's name becomes the dataset's unless one is given."""
    name = Path(file).name if file is not None else fields.get("name", "data")
    if content is None:
        content = Path(file or "").read_bytes()
    return Request(
        "POST",
        path("datasets"),
        headers=idempotency_header(key),
        fields=fields,
        file=Upload(name, content),
    )
