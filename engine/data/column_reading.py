"""What reads the rows of a raw column, once it is known to hold what a model needs.

A column without any value may be of either kind: it is read as numbers or strings that are all
missing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Portion, Table
from engine.errors import InvalidData

__all__ = ["ColumnReader", "absent", "read_numbers", "read_texts"]

ColumnReader: TypeAlias = Callable[[Portion], NDArray[Any]]
"""Takes some rows of a table and gives their values in one column, (rows,)."""


def read_numbers(table: Table, name: str) -> ColumnReader:
    """What reads a column of numbers, or one of strings in which every value is missing.

    Raises InvalidData, naming row and column, for any other column.
    """
    kind = table.kinds.get(name)
    if kind is None:
        raise absent(name)
    if kind != "string":
        return partial(table.part, name)
    _check_all_missing(table, name, "a number")
    return lambda part: np.full(_length(part), np.nan)


def read_texts(table: Table, name: str) -> ColumnReader:
    """What reads a column of strings, or one of numbers in which every value is missing.

    Raises InvalidData, naming row and column, for any other column.
    """
    kind = table.kinds.get(name)
    if kind is None:
        raise absent(name)
    if kind == "string":
        return partial(table.part, name)
    _check_all_missing(table, name, "a text")
    return lambda part: np.full(_length(part), None, object)


def absent(name: str) -> InvalidData:
    """The error of a table that has no column of this name."""
    return InvalidData(f"The column {name!r} is missing.", column=name)


def _length(part: Portion) -> int:
    return int(part.stop - part.start) if isinstance(part, slice) else len(part)


def _check_all_missing(table: Table, name: str, wanted: str) -> None:
    missing = table.missing(name)
    if not missing.all():
        row = int(np.argmin(missing))
        found = "a text" if table.kinds[name] == "string" else "a number"
        raise InvalidData(
            f"Row {row}, column {name!r}: expected {wanted}, found {found}.", row=row, column=name
        )
