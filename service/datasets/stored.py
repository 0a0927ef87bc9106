"""Keeping a frame, and showing rows of what is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine.data.table import ColumnKind, Table
from service.datasets.frame import Format, Frame
from service.datasets.statistics import ColumnStatistics, column_statistics
from service.datasets.storage import Storage

__all__ = ["StoredDataset", "preview", "store"]


@dataclass(frozen=True)
class StoredDataset:
    """All that a record of a data set needs; its rows lie in the storage under ``key``."""

    key: str
    """Address in the storage, and the SHA-256 of its bytes: equal data, equal key."""
    size_bytes: int
    rows: int
    target: str | tuple[str, ...] | None
    """The column that is meant to be predicted, where it is known."""
    statistics: tuple[ColumnStatistics, ...]
    """One for each column, in order, with its name and kind."""
    warnings: tuple[str, ...]
    format: Format
    """What it was read from."""

    @property
    def sha256(self) -> str:
        return self.key

    @property
    def columns(self) -> dict[str, ColumnKind]:
        """The kind of each column, in order."""
        return {column.name: column.kind for column in self.statistics}

    def statistics_json(self) -> list[dict[str, Any]]:
        """The statistics as JSON."""
        return [asdict(column) for column in self.statistics]


def store(frame: Frame, storage: Storage) -> StoredDataset:
    """Keep a frame and describe it."""
    statistics = column_statistics(frame)
    key = storage.put(frame)
    return StoredDataset(
        key=key,
        size_bytes=storage.size(key),
        rows=frame.rows,
        target=frame.target,
        statistics=statistics,
        warnings=frame.warnings,
        format=frame.format,
    )


def preview(storage: Storage, key: str, offset: int = 0, limit: int = 20) -> list[dict[str, Any]]:
    """Some rows as JSON: integers are integers again, missing values are None."""
    return _records(storage.table(key, slice(offset, offset + limit)))


def _records(table: Table) -> list[dict[str, Any]]:
    columns = [_values(table, name) for name in table.columns]
    return [dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(table: Table, name: str) -> list[Any]:
    values: list[Any] = table.columns[name].tolist()
    if table.kinds[name] == "string":
        return values
    missing = table.missing(name)
    to_python = {"integer": int, "boolean": bool, "float": float}[table.kinds[name]]
    return [
        None if is_missing else to_python(value)
        for value, is_missing in zip(values, missing.tolist(), strict=True)
    ]
