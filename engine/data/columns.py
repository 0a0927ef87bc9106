"""How one raw column becomes numbers a network can use, learnt from its training rows.

A numeric column becomes one feature: missing values are replaced, then it is shifted and scaled.
A categorical column becomes one feature per category, of which at most one is 1.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.table import ColumnKind, Rows, Table, portions
from engine.data.task import Label
from engine.errors import InvalidData

__all__ = ["CategoricalColumn", "Imputation", "NumericColumn", "Scaling", "scaling"]

Imputation = Literal["median", "mean", "most_frequent", "constant"]
Scaling = Literal["standardize", "min_max", "none"]


@dataclass(frozen=True)
class NumericColumn:
    """One feature: (value - offset) / scale, where a missing value counts as ``fill``."""

    name: str
    kind: ColumnKind
    fill: float
    offset: float
    scale: float
    constant: bool = False
    """Whether all training rows have the same value, so that nothing can be learnt from it."""

    @classmethod
    def fit(
        cls,
        table: Table,
        name: str,
        rows: Rows,
        *,
        impute: Imputation,
        fill_value: float,
        scale: Scaling,
    ) -> NumericColumn:
        """Statistics of the given rows, imputed first.

        Raises InvalidData if no row has a value to impute from, or one is infinite.
        """
        values = _doubles(table, name, rows)
        known = np.isfinite(values)
        whole = bool(known.all())
        if not whole:
            _check_no_infinity(values, name, rows)
            if not known.any() and impute != "constant":
                raise _no_values(name)
        if impute == "constant":
            fill = fill_value
        else:
            fill = _typical(values if whole else values[known], impute)
        if not whole:
            values[~known] = fill
        offset, width, constant = scaling(values, scale, name)
        return cls(name, table.kinds[name], fill, offset, width, constant)


@dataclass(frozen=True)
class CategoricalColumn:
    """One feature for each category, and one for all others if training rows had such.

    Where no training row fell outside the categories, a value that is none of them becomes zeros:
    a feature that was 0 in all of training would only add the noise of its initial weights.
    ``None`` among the categories stands for missing values; it is there if training rows had some.
    """

    name: str
    kind: ColumnKind
    categories: tuple[Label | None, ...]
    others: bool = False
    """Whether the last feature stands for all values that are none of the categories."""

    @classmethod
    def fit(cls, table: Table, name: str, rows: Rows, *, max_categories: int) -> CategoricalColumn:
        """The most frequent values of the given rows; raises InvalidData if none has a value."""
        kind = table.kinds[name]
        counts: Counter[Any] = Counter()
        for _, part in portions(len(rows), rows):
            counts.update(_python_values(table.part(name, part), kind))
        if counts.keys() == {None}:
            raise _no_values(name)
        by_frequency = sorted(counts, key=lambda value: (-counts[value], _order(value)))
        kept = sorted(by_frequency[:max_categories], key=_order)
        to_label = {"integer": int, "boolean": bool, "float": float, "string": str}[kind]
        labels = tuple(None if value is None else to_label(value) for value in kept)
        return cls(name, kind, labels, len(counts) > max_categories)

    @property
    def width(self) -> int:
        return len(self.categories) + self.others

    @property
    def constant(self) -> bool:
        """Whether all training rows have the same value."""
        return self.width == 1

    @property
    def feature_names(self) -> list[str]:
        """The name of each feature, such as "island=Biscoe"."""
        values = [_category_name(category) for category in self.categories]
        return [f"{self.name}={value}" for value in [*values, *["(other)"] * self.others]]

    def encode(self, values: NDArray[Any], out: NDArray[Any]) -> None:
        """Write the features of each value into ``out``, of shape (rows, width)."""
        others = len(self.categories) if self.others else -1
        find = self._places.get
        places = np.fromiter(
            (find(value, others) for value in _python_values(values, self.kind)),
            np.int64,
            len(values),
        )
        out[:] = 0
        known = np.flatnonzero(places >= 0)
        out[known, places[known]] = 1

    @cached_property
    def _places(self) -> dict[Label | None, int]:
        return {category: place for place, category in enumerate(self.categories)}


def scaling(values: NDArray[np.float64], method: Scaling, column: str) -> tuple[float, float, bool]:
    """Offset, scale, and whether all values are the same (then they are only shifted to zero).

    standardize: mean and standard deviation (of the population); min_max: minimum and range.
    """
    low, high = float(values.min()), float(values.max())
    if method == "none":
        return 0.0, 1.0, low == high
    with np.errstate(over="ignore", invalid="ignore"):
        offset = float(values.mean()) if method == "standardize" else low
        scale = float(values.std()) if method == "standardize" else high - low
    if low == high or scale == 0:
        return low, 1.0, True
    if not (isfinite(offset) and isfinite(scale)):
        raise InvalidData(
            f"The values of column {column!r} are too large to be scaled: they reach from "
            f"{low:g} to {high:g}. Give them in another unit.",
            column=column,
        )
    return offset, scale, False


def _typical(values: NDArray[np.float64], impute: Imputation) -> float:
    """The number that stands for a missing value; of several most frequent ones the smallest."""
    if impute == "most_frequent":
        distinct, counts = np.unique(values, return_counts=True)
        return float(distinct[np.argmax(counts)])
    with np.errstate(over="ignore"):
        return _median(values) if impute == "median" else float(values.mean())


def _median(values: NDArray[np.float64]) -> float:
    """The middle one of the values, or the mean of the two in the middle.

    As NumPy has it, which takes three times as long because it looks for NaN.
    """
    middle = len(values) // 2
    parted = np.partition(values, middle)
    upper = parted[middle]
    return float(upper if len(values) % 2 else (parted[:middle].max() + upper) / 2)


def _doubles(table: Table, name: str, rows: Rows) -> NDArray[np.float64]:
    """Some rows of a column, in double precision."""
    values = np.empty(len(rows))
    for place, part in portions(len(rows), rows):
        values[place] = table.part(name, part)
    return values


def _python_values(values: NDArray[Any], kind: ColumnKind) -> list[Any]:
    """Values that compare and hash as categories do, missing ones as None."""
    if kind == "string":
        return list(values)
    return [None if value != value else value for value in values.tolist()]  # noqa: PLR0124 - NaN


def _order(value: Label | None) -> tuple[bool, Any]:
    """A sort key that puts values in ascending order, missing ones last."""
    return value is None, 0 if value is None else value


def _category_name(category: Label | None) -> str:
    if category is None:
        return "(missing)"
    return str(category).lower() if isinstance(category, bool) else str(category)


def _check_no_infinity(values: NDArray[np.float64], column: str, rows: Rows) -> None:
    infinite = np.isinf(values)
    if infinite.any():
        row = int(rows[np.argmax(infinite)])
        raise InvalidData(
            f"Row {row}, column {column!r}: the value is infinite.", row=row, column=column
        )


def _no_values(column: str) -> InvalidData:
    return InvalidData(
        f"Column {column!r} has no value in any training row. Drop it, or set its imputation to "
        "a constant.",
        "/preprocessing/drop",
        column=column,
    )
