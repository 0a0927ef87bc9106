"""Frame: a data set in memory, in the one form in which it is kept.

Whatever it was read from, a frame has columns of 64-bit integers, 32- or 64-bit floats, booleans
or text. Null means missing; there is no NaN and no infinity.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.augmentation import ImageSize
from engine.data.table import ColumnKind, Columns, Portion, Table
from engine.errors import InvalidData

__all__ = [
    "DatasetTooLarge",
    "Format",
    "Frame",
    "Limits",
    "as_frame",
    "check_names",
    "check_size",
    "kind_of",
]

Format = Literal["csv", "tsv", "json", "json_lines", "parquet", "arrow", "npz", "rows", "builtin"]

MAX_NAME = 200
_MAX_EXACT = 2**53
"""Beyond it not every integer has a double of its own."""


class DatasetTooLarge(InvalidData):
    """The data exceed a limit of the service; an HTTP layer answers 413."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much one data set may be."""

    bytes: int = 256 * 2**20
    """Of the file as it is sent."""
    decoded_bytes: int = 2 * 2**30
    """Of its values in memory: a small compressed file may hold a very large table."""
    rows: int = 10_000_000
    columns: int = 10_000


@dataclass(frozen=True, eq=False)
class Frame:
    """Columns in canonical form, with what is worth saying about them."""

    data: pl.DataFrame
    target: str | tuple[str, ...] | None = None
    """The column or columns that are meant to be predicted, where it is known."""
    warnings: tuple[str, ...] = ()
    format: Format = "rows"
    """What it was read from."""
    image: ImageSize | None = None
    """How its numbers make up images, where they do."""

    @property
    def rows(self) -> int:
        return self.data.height

    @property
    def kinds(self) -> dict[str, ColumnKind]:
        """The kind of each column, in order."""
        return {name: kind_of(dtype) for name, dtype in self.data.schema.items()}

    def to_table(self) -> Table:
        """The same columns as the engine sees them, each made when it is asked for."""
        return Table(FrameColumns(self.data), self.kinds)


class FrameColumns(Columns):
    """Columns of a frame as arrays, which are kept once they were made."""

    def __init__(self, data: pl.DataFrame) -> None:
        self._data = data
        self._names = frozenset(data.columns)
        self._made: dict[str, NDArray[Any]] = {}

    @property
    def rows(self) -> int:
        return self._data.height

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> NDArray[Any]:
        if name not in self._made:
            self._made[name] = _as_array(self._data[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data.columns)

    def __len__(self) -> int:
        return self._data.width

    def part(self, name: str, rows: Portion) -> NDArray[Any]:
        return self[name][rows]


def _as_array(values: pl.Series) -> NDArray[Any]:
    if values.dtype == pl.String:
        return np.array(values.to_list(), object)
    dtype = pl.Float32 if values.dtype == pl.Float32 else pl.Float64
    return values.cast(dtype).fill_null(float("nan")).to_numpy()


def as_frame(
    columns: Sequence[pl.Series],
    limits: Limits,
    *,
    target: str | tuple[str, ...] | None = None,
    warnings: tuple[str, ...] = (),
    source: Format = "rows",
) -> Frame:
    """Columns of any type, but of equal length, in canonical form.

    Raises InvalidData, naming row and column, for infinite numbers, NUL in text, types that are
    neither numbers nor text, and for no rows or columns at all; DatasetTooLarge beyond a limit.
    """
    check_names([column.name for column in columns])
    check_size(len(columns[0]) if columns else 0, len(columns), limits)
    # One after the other, and without holding on to what they were made from.
    rest, canonical = deque(columns), []
    del columns
    while rest:
        canonical.append(_canonical(rest.popleft().rechunk()))
    size = sum(map(_decoded_bytes, canonical))
    if size > limits.decoded_bytes:
        raise DatasetTooLarge(
            f"The data take {size:,} bytes when they are read; {limits.decoded_bytes:,} is the "
            "most that is taken."
        )
    return Frame(pl.DataFrame(canonical), target, warnings, source)


def kind_of(dtype: pl.DataType) -> ColumnKind:
    """The kind of a canonical column."""
    return _KINDS[type(dtype)]


def check_names(names: list[str]) -> None:
    """Raise InvalidData where column names are empty, repeated or unusable."""
    for place, name in enumerate(names, start=1):
        if not name.strip():
            raise InvalidData(f"Column {place} has no name: give it one, or remove it.")
        if len(name) > MAX_NAME:
            raise InvalidData(
                f"The name of column {place} has {len(name)} characters; {MAX_NAME} is the "
                "most. Is the first line a header?"
            )
        if not name.isprintable():
            raise InvalidData(
                f"The name of column {place} has characters that cannot be shown: {name!a}."
            )
    name, count = Counter(names).most_common(1)[0] if names else ("", 0)
    if count > 1:
        raise InvalidData(
            f"The column name {name!r} appears {count} times; names must differ.", column=name
        )


def check_size(rows: int, columns: int, limits: Limits) -> None:
    """Raise InvalidData where there is nothing, DatasetTooLarge where there is too much."""
    if columns == 0:
        raise InvalidData("The data have no columns.")
    if rows == 0:
        raise InvalidData("The data have no rows.")
    if rows > limits.rows:
        raise DatasetTooLarge(
            f"The data have {rows:,} rows; {limits.rows:,} is the most that is taken."
        )
    if columns > limits.columns:
        raise DatasetTooLarge(
            f"The data have {columns:,} columns; {limits.columns:,} is the most that is taken."
        )


_KINDS: dict[type[pl.DataType], ColumnKind] = {
    pl.Int64: "integer",
    pl.Float32: "float",
    pl.Float64: "float",
    pl.Boolean: "boolean",
    pl.String: "string",
}


def _canonical(values: pl.Series) -> pl.Series:
    dtype = values.dtype
    if dtype == pl.Boolean:
        return _with_plain_nulls(values, fill=False)
    if dtype.is_integer():
        return _canonical_integers(values)
    if dtype.is_float() or dtype == pl.Null or dtype.is_decimal():
        return _canonical_floats(values)
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
        return _canonical_text(values.cast(pl.String))
    raise InvalidData(
        f"Column {values.name!r} is of type {dtype}; only numbers, booleans and text can be used. "
        "Convert it, or remove it.",
        column=values.name,
    )


def _canonical_integers(values: pl.Series) -> pl.Series:
    """Integers; floats where some are so large that a double would not be exact anyway."""
    low, high = values.min(), values.max()
    if isinstance(low, int) and isinstance(high, int) and max(-low, high) > _MAX_EXACT:
        return _canonical_floats(values)
    return _with_plain_nulls(values.cast(pl.Int64), fill=0)


def _canonical_floats(values: pl.Series) -> pl.Series:
    dtype = pl.Float32 if values.dtype in {pl.Float32, pl.Float16} else pl.Float64
    values = values.cast(dtype)
    if values.is_nan().any():
        values = values.fill_nan(None)
    infinite = values.is_infinite().fill_null(value=False)
    if infinite.any():
        row = infinite.arg_max()
        raise InvalidData(
            f"Row {row}, column {values.name!r}: the number is infinite, or too large to be held.",
            row=row,
            column=values.name,
        )
    return _with_plain_nulls(values, fill=0.0)


def _canonical_text(values: pl.Series) -> pl.Series:
    forbidden = values.str.contains("\0", literal=True).fill_null(value=False)
    if forbidden.any():
        row = forbidden.arg_max()
        raise InvalidData(
            f"Row {row}, column {values.name!r}: the text contains the character NUL.",
            row=row,
            column=values.name,
        )
    return _with_plain_nulls(values, fill="")


def _with_plain_nulls(values: pl.Series, *, fill: float | str | bool) -> pl.Series:
    """The same values, with the same bytes below every null: equal content, equal address."""
    filled = values.fill_null(fill)
    if filled.dtype == pl.Boolean:
        # Packed anew, for the unused bits of the last byte may hold anything.
        filled = pl.Series(values.name, filled.to_numpy())
    if values.null_count() == 0:
        return filled
    present = pl.Series(values.is_not_null().to_numpy())
    return pl.select(pl.when(present).then(filled).alias(values.name)).to_series()


def _decoded_bytes(values: pl.Series) -> int:
    """As they are stored: floats of 32 bits take half as much as other numbers."""
    if values.dtype == pl.String:
        return 8 * len(values) + int(values.str.len_bytes().sum())
    return (4 if values.dtype == pl.Float32 else 8) * len(values)
