"""From the values that a caller gives to the array of a column: which kind they are, and the array.

A column is one of four kinds. Integers, floats and booleans (0 and 1) are floating arrays in which
NaN means missing; strings are object arrays in which None means missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidData

__all__ = ["ColumnKind", "check_zero_or_one", "column_array", "column_kind", "only_numbers"]

ColumnKind = Literal["integer", "float", "boolean", "string"]

_NUMBERS = {int, float, NoneType}
_KIND_OF_DTYPE: dict[str, ColumnKind] = {
    "b": "boolean",
    "i": "integer",
    "u": "integer",
    "f": "float",
    "U": "string",
}
_BY_TYPES: tuple[tuple[set[type], ColumnKind], ...] = (
    (set(), "float"),
    ({int}, "integer"),
    ({int, float}, "float"),
    ({bool}, "boolean"),
    ({str}, "string"),
)
_KIND_OF_TYPE: dict[type, ColumnKind] = {
    bool: "boolean",
    int: "integer",
    float: "integer",
    str: "string",
}
_ACCEPTED: dict[ColumnKind, set[type]] = {
    "integer": _NUMBERS,
    "float": _NUMBERS,
    "boolean": {*_NUMBERS, bool},
    "string": {str, NoneType},
}
_WANTED: dict[ColumnKind, str] = {
    "integer": "a number",
    "float": "a number",
    "boolean": "true or false",
    "string": "a text",
}


def column_kind(values: Sequence[Any] | NDArray[Any], column: str) -> ColumnKind:
    """The kind that holds all values; a column without any value counts as float.

    Raises InvalidData at the first value that does not go with those before it.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufU":
        return _KIND_OF_DTYPE[values.dtype.kind]
    types = set(map(type, values)) - {NoneType}
    for accepted, kind in _BY_TYPES:
        if types <= accepted:
            return kind
    raise _first_misfit(values, column)


def column_array(
    values: Sequence[Any] | NDArray[Any], kind: ColumnKind, column: str
) -> NDArray[Any]:
    """Values as an array of the given kind; raises InvalidData at the first that does not fit."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f" and kind != "string":
        return values
    if isinstance(values, np.ndarray):
        values = values.tolist()
    accepted = _ACCEPTED[kind]
    if not accepted.issuperset(map(type, values)):
        row = next(i for i, value in enumerate(values) if type(value) not in accepted)
        raise _misfit(values[row], _WANTED[kind], row, column)
    if kind == "string":
        texts = np.empty(len(values), object)
        texts[:] = values
        return texts
    try:
        array = np.array(values, np.float64)
    except OverflowError:
        row = next(i for i, value in enumerate(values) if value and abs(value) > 10**308)
        raise _misfit(values[row], "a number below 1e308", row, column) from None
    if kind == "boolean":
        check_zero_or_one(array, column)
    return array


def only_numbers(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether every value of every row is an integer, a float or None."""
    return _NUMBERS.issuperset({kind for row in rows for kind in map(type, row)})


def check_zero_or_one(values: NDArray[np.float64], column: str) -> None:
    """Raise InvalidData at the first number that is neither 0, 1 nor missing."""
    fits = (values == 0) | (values == 1) | np.isnan(values)
    if not fits.all():
        row = int(np.argmin(fits))
        raise _misfit(float(values[row]), "true or false", row, column)


def _misfit(value: object, wanted: str, row: int, column: str) -> InvalidData:
    found = repr(value)
    found = found if len(found) <= 40 else f"{found[:37]}..."
    return InvalidData(
        f"Row {row}, column {column!r}: expected {wanted}, found {found}.", row=row, column=column
    )


def _first_misfit(values: Sequence[Any] | NDArray[Any], column: str) -> InvalidData:
    """The first value that is of no kind, or of another than the first value."""
    first: ColumnKind | None = None
    for row, value in enumerate(values):
        kind = _KIND_OF_TYPE.get(type(value))
        if value is None:
            continue
        if kind is None:
            return _misfit(value, "a number, a text, true, false or null", row, column)
        if first is not None and kind != first:
            return _misfit(value, f"{_WANTED[first]} as in the rows before", row, column)
        first = kind
    raise AssertionError("Every value fits.")
