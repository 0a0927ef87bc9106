"""What the columns of a data set hold, in a few numbers each."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.data.table import ColumnKind
from service.datasets.frame import Frame, kind_of

__all__ = ["ColumnStatistics", "Histogram", "ValueCount", "column_statistics"]

Value = str | int | float | bool

MAX_FREQUENT = 10
BINS = 20
MAX_VALUE = 200
DESCRIBED = 1000
"""Columns beyond this many have no histogram and no most frequent values."""


@dataclass(frozen=True)
class ValueCount:
    """A value and in how many rows it is; long text is cut."""

    value: Value
    count: int


@dataclass(frozen=True)
class Histogram:
    """How many values lie in each of equally wide bins; one edge more than counts."""

    edges: list[float]
    counts: list[int]


@dataclass(frozen=True)
class ColumnStatistics:
    """One column; all that needs numbers is None for text, or where there are no values."""

    name: str
    kind: ColumnKind
    missing: int
    distinct: int
    """Different values, without the missing one."""
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    standard_deviation: float | None = None
    """Of the population."""
    most_frequent: list[ValueCount] | None = None
    """For text, booleans and integers."""
    histogram: Histogram | None = None
    """For integers and floats that are not all the same."""


def column_statistics(frame: Frame) -> tuple[ColumnStatistics, ...]:
    """The statistics of every column, in order."""
    return tuple(
        _describe(frame.data[name], in_full=place < DESCRIBED)
        for place, name in enumerate(frame.data.columns)
    )


def _describe(values: pl.Series, *, in_full: bool) -> ColumnStatistics:
    kind = kind_of(values.dtype)
    missing = values.null_count()
    present = values.drop_nulls()
    frequent = _most_frequent(present) if in_full and kind != "float" else None
    if kind == "string" or present.is_empty():
        return ColumnStatistics(
            values.name, kind, missing, present.n_unique(), most_frequent=frequent
        )
    # Sorted once, for all that goes by order; it is several times as fast as hashing all values.
    ordered = np.sort(present.to_numpy())
    numbers = present.cast(pl.Float64).to_numpy()
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(numbers.mean()), float(numbers.std())
    return ColumnStatistics(
        name=values.name,
        kind=kind,
        missing=missing,
        distinct=1 + int(np.count_nonzero(ordered[1:] != ordered[:-1])),
        minimum=float(ordered[0]),
        maximum=float(ordered[-1]),
        mean=mean if isfinite(mean) else None,
        standard_deviation=deviation if isfinite(deviation) else None,
        most_frequent=frequent,
        histogram=_histogram(ordered) if in_full and kind != "boolean" else None,
    )


def _most_frequent(present: pl.Series) -> list[ValueCount]:
    """The most frequent values, equally frequent ones in ascending order."""
    counts = present.alias("value").value_counts(name="count")
    top = counts.sort("count", "value", descending=[True, False]).head(MAX_FREQUENT)
    return [ValueCount(_short(value), count) for value, count in top.iter_rows()]


def _short(value: Value) -> Value:
    return value[:MAX_VALUE] if isinstance(value, str) else value


def _histogram(ordered: NDArray[Any]) -> Histogram | None:
    """Of numbers in ascending order; each bin begins at its edge, and the last one has both."""
    low, high = float(ordered[0]), float(ordered[-1])
    edges = np.linspace(low, high, BINS + 1) if isfinite(high - low) else None
    # Neighbouring numbers may be so close that there is no room for edges between them.
    if edges is None or not (np.diff(edges) > 0).all():
        return None
    before = np.searchsorted(ordered, edges[:-1])
    counts = np.diff(before, append=len(ordered))
    return Histogram(edges.tolist(), counts.tolist())
