"""Task: what is to be learnt from a table."""

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from math import isfinite, isnan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import InvalidData
from engine.table import ColumnKind, Rows, Table

__all__ = ["Label", "Task", "infer_task", "listed", "shown"]

Label = str | int | float | bool

MOST_INTEGER_CLASSES = 20
"""An integer target with more distinct values than this is taken for a quantity."""


@dataclass(frozen=True)
class Task:
    """What is predicted: a number, one of two classes, or one of several.

    ``classes`` are sorted and keep the Python type of their column; they are empty for regression.
    A class is known to the network by its place among them.
    """

    kind: Literal["regression", "binary", "multiclass"]
    target: str
    classes: tuple[Label, ...] = ()

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for one row."""
        return len(self.classes) if self.kind == "multiclass" else 1

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "target": self.target, "classes": list(self.classes)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Task":
        return cls(data["kind"], data["target"], tuple(data["classes"]))

    def codes(self, table: Table, rows: Rows | None = None) -> Rows:
        """The place of each row's class among ``classes``.

        Raises InvalidData, naming row and column, where a class is missing or not known.
        """
        values = table.columns[self.target]
        values = values if rows is None else values[rows]
        if (table.kinds[self.target] == "string") == isinstance(self.classes[0], str):
            found = self._places(values)
            if found.min(initial=0) >= 0:
                return found
            place = int(np.argmin(found))
        else:
            place = 0
        row = place if rows is None else int(rows[place])
        raise InvalidData(
            f"Row {row}, column {self.target!r}: {shown(values[place])} is none of the classes "
            f"{listed(self.classes)}.",
            row=row,
            column=self.target,
        )

    def _places(self, values: NDArray[Any]) -> Rows:
        """The place of each value among the classes, -1 where it is none of them."""
        if isinstance(self.classes[0], str):
            place_of = self._place_of
            return np.fromiter((place_of.get(value, -1) for value in values), np.int64, len(values))
        known = np.array(self.classes, np.float64)
        places = np.minimum(np.searchsorted(known, values), len(known) - 1)
        return np.where(known[places] == values, places, -1)

    @cached_property
    def _place_of(self) -> dict[Label, int]:
        return {label: place for place, label in enumerate(self.classes)}


def infer_task(
    table: Table, target: str, kind: Literal["classification", "regression"] | None = None
) -> Task:
    """What the target column asks for, unless ``kind`` says it.

    Text and booleans are classes; integers are classes if there are at most 20 different ones;
    everything else is a quantity. Rows without a target do not count.
    Raises InvalidData at "/target" if the column does not exist, has no values or only one.
    """
    if target not in table.columns:
        by_lower_case = {name.lower(): name for name in table.columns}
        near = get_close_matches(target.lower(), by_lower_case, n=1)
        hint = f" Did you mean {by_lower_case[near[0]]!r}?" if near else ""
        raise InvalidData(
            f"There is no column {target!r}.{hint} The columns are {listed(table.columns)}.",
            "/target",
            column=target,
        )
    values = _distinct(table, target)
    if kind is None:
        kind = _likely_kind(table.kinds[target], len(values))
    if kind == "regression":
        if table.kinds[target] == "string":
            raise InvalidData(
                f"The target {target!r} holds text, so it has classes and cannot be regressed on.",
                "/target",
                column=target,
            )
        return Task("regression", target)
    return Task("binary" if len(values) == 2 else "multiclass", target, values)


def _distinct(table: Table, target: str) -> tuple[Label, ...]:
    """The different values of the target, sorted, as Python values of the column's kind."""
    values = table.columns[target][~table.missing(target)]
    if len(values) == 0:
        raise InvalidData(f"The target {target!r} has no values.", "/target", column=target)
    kind = table.kinds[target]
    distinct = sorted(set(values)) if kind == "string" else np.unique(values).tolist()
    if len(distinct) == 1:
        raise InvalidData(
            f"The target {target!r} is {shown(distinct[0])} in every row: nothing can be learnt.",
            "/target",
            column=target,
        )
    if not all(map(_is_usable, distinct)):
        raise InvalidData(f"The target {target!r} holds infinite values.", "/target", column=target)
    to_python = {"integer": int, "boolean": bool, "float": float, "string": str}[kind]
    return tuple(map(to_python, distinct))


def _is_usable(value: str | float) -> bool:
    return isinstance(value, str) or isfinite(value)


def _likely_kind(kind: ColumnKind, distinct: int) -> Literal["classification", "regression"]:
    if kind in {"string", "boolean"} or (kind == "integer" and distinct <= MOST_INTEGER_CLASSES):
        return "classification"
    return "regression"


def shown(value: object) -> str:
    """A value as a reader knows it: missing values as null, no NumPy types."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return "null"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return repr(value)


def listed(names: Collection[object], most: int = 10) -> str:
    """The first few names, and how many more there are."""
    shown = [repr(name) for name in list(names)[:most]]
    rest = len(names) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
