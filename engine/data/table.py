"""Table: named columns of equal length, as every part of the engine sees data.

A column is one of four kinds. Integers, floats and booleans (0 and 1) are floating arrays in which
NaN means missing; strings are object arrays in which None means missing. The kind is kept beside
the array, so that a class ``3`` goes back to a caller as ``3`` and not as ``3.0``.

Tables may be much larger than what should be in memory at a time, so that everything which walks
over rows does so in ``portions``, and reads them by ``Table.part``.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.column_values import (
    ColumnKind,
    check_zero_or_one,
    column_array,
    column_kind,
    only_numbers,
)
from engine.errors import InvalidData

__all__ = [
    "ColumnKind",
    "Columns",
    "MatrixColumns",
    "Portion",
    "Rows",
    "Table",
    "column_array",
    "column_kind",
    "portions",
    "row_of",
]

Rows = NDArray[np.integer[Any]]
"""Row numbers, counted from 0. Those of a split have 32 bits: for many rows it adds up."""
Portion = slice | Rows
"""Some rows of a table that are worked on together: from one to another, or by their numbers."""

_PORTION = 1 << 15
"""Rows that are read together: few enough to be small, enough for it to be worth while."""


class Columns(Mapping[str, NDArray[Any]]):
    """Columns that lie elsewhere, in a file say, and become arrays when they are asked for."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many rows there are."""

    @abstractmethod
    def __contains__(self, name: object) -> bool:
        """Whether there is a column of this name; no array is made to find out."""

    @abstractmethod
    def part(self, name: str, rows: Portion) -> NDArray[Any]:
        """Some rows of a column, without making an array of the others."""


class MatrixColumns(Columns):
    """Columns of numbers that lie beside each other in a matrix, (rows, columns)."""

    def __init__(self, names: Iterable[str], matrix: NDArray[Any]) -> None:
        self.names, self.matrix = tuple(names), matrix

    @cached_property
    def _places(self) -> dict[str, int]:
        """The index of each column by name; to find it by search takes too long for one row."""
        return {name: place for place, name in enumerate(self.names)}

    @property
    def rows(self) -> int:
        return len(self.matrix)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.matrix[:, self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def part(self, name: str, rows: Portion) -> NDArray[Any]:
        return self[name][rows]


@dataclass(frozen=True, eq=False)
class Table:
    """Columns by name, with the kind of each; no column is ever changed in place."""

    columns: Mapping[str, NDArray[Any]]
    kinds: dict[str, ColumnKind]
    rows: int = field(init=False)

    def __post_init__(self) -> None:
        if isinstance(self.columns, Columns):
            lengths = {self.columns.rows}
        else:
            lengths = set(map(len, self.columns.values()))
        if len(lengths) > 1:
            raise InvalidData(f"Columns differ in length: {sorted(lengths)}.")
        if self.kinds.keys() != set(self.columns):
            raise InvalidData("Every column needs a kind, and every kind a column.")
        object.__setattr__(self, "rows", lengths.pop() if lengths else 0)

    @classmethod
    def from_columns(cls, columns: Mapping[str, Sequence[Any] | NDArray[Any]]) -> Table:
        """Columns given as lists or arrays; the kind follows from the values, None is missing."""
        kinds = {name: column_kind(values, name) for name, values in columns.items()}
        arrays = {n: column_array(columns[n], kind, n) for n, kind in kinds.items()}
        return cls(arrays, kinds)

    @classmethod
    def from_records(
        cls, records: Sequence[Mapping[str, Any]], kinds: Mapping[str, ColumnKind]
    ) -> Table:
        """One mapping a row, as JSON has it; keys that are not among ``kinds`` are left out.

        Raises InvalidData, naming row and column, where a key is absent (``None`` is a missing
        value, absence is not) or a value is of another kind.
        """
        try:
            rows = [[record[name] for name in kinds] for record in records]
        except KeyError:
            row, column = _first_absence(records, kinds)
            raise InvalidData(
                f"Row {row} lacks the column {column!r}; give null where the value is unknown.",
                row=row,
                column=column,
            ) from None
        return cls.from_rows(rows, kinds)

    @classmethod
    def from_rows(cls, rows: Sequence[Sequence[Any]], kinds: Mapping[str, ColumnKind]) -> Table:
        """One sequence a row, its values in the order of ``kinds``.

        Raises InvalidData, naming the row, where there are too many or too few values, and
        row and column where a value is of another kind.
        """
        width = len(kinds)
        for row, values in enumerate(rows):
            if len(values) != width:
                raise InvalidData(
                    f"Row {row} has {len(values)} values instead of {width}.", row=row
                )
        if "string" not in kinds.values() and only_numbers(rows) and rows:
            # All at once: several times as fast as column by column, which counts for one row.
            columns = MatrixColumns(kinds, np.array(rows, np.float64))
            for name, kind in kinds.items():
                if kind == "boolean":
                    check_zero_or_one(columns[name], name)
            return cls(columns, dict(kinds))
        arrays = {
            name: column_array([row[i] for row in rows], kind, name)
            for i, (name, kind) in enumerate(kinds.items())
        }
        return cls(arrays, dict(kinds))

    def take(self, rows: Rows) -> Table:
        """The given rows, in the given order, as a copy."""
        return Table({name: self.part(name, rows) for name in self.columns}, self.kinds)

    def part(self, name: str, rows: Portion) -> NDArray[Any]:
        """Some rows of a column, in the given order; a view where that is possible."""
        if isinstance(self.columns, Columns):
            return self.columns.part(name, rows)
        return self.columns[name][rows]

    def select(self, names: Iterable[str]) -> Table:
        """The given columns, in the given order, without a copy."""
        names = list(names)
        return Table(
            {name: self.columns[name] for name in names}, {name: self.kinds[name] for name in names}
        )

    def missing(self, name: str) -> NDArray[np.bool_]:
        """Which rows have no value in a column."""
        unknown = np.empty(self.rows, np.bool_)
        is_text = self.kinds[name] == "string"
        for place, part in portions(self.rows):
            values = self.part(name, part)
            unknown[place] = [value is None for value in values] if is_text else np.isnan(values)
        return unknown


def portions(
    count: int, rows: Rows | None = None, size: int = _PORTION
) -> Iterator[tuple[slice, Portion]]:
    """``count`` rows a portion at a time: their places in the result, and where they are found.

    Without ``rows``, these are all rows of a table, one after the other.
    """
    for start in range(0, count, size):
        place = slice(start, min(start + size, count))
        yield place, place if rows is None else rows[place]


def row_of(part: Portion, place: int) -> int:
    """The number of the row at a place in a portion."""
    return int(part.start) + place if isinstance(part, slice) else int(part[place])


def _first_absence(
    records: Sequence[Mapping[str, Any]], kinds: Mapping[str, ColumnKind]
) -> tuple[int, str]:
    return next(
        (row, name) for row, record in enumerate(records) for name in kinds if name not in record
    )
