"""Task: what is to be learnt from a table: one column, or several at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from math import isnan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.table import ColumnKind, Portion, Rows, Table, portions, row_of
from engine.errors import InvalidData

__all__ = ["Label", "Task", "infer_task", "listed", "shown"]

Label = str | int | float | bool

EVEN_ODDS = 0.5
"""The probability from which on the second of two classes is the answer."""
MAX_INTEGER_CLASSES = 20
"""An integer target with more distinct values than this is taken for a quantity."""


@dataclass(frozen=True)
class Task:
    """What is predicted: a number or several, one of two classes or of more, or several labels.

    ``classes`` are sorted and keep the Python type of their column; they are empty for regression.
    A class is known to the network by its place among them. Of a multilabel task each target has
    one of the same two classes, whatever the others have.
    """

    kind: Literal["regression", "binary", "multiclass", "multilabel"]
    targets: tuple[str, ...]
    classes: tuple[Label, ...] = ()

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for one row."""
        return len(self.classes) if self.kind == "multiclass" else len(self.targets)

    @property
    def has_one_class(self) -> bool:
        """Whether every row belongs to exactly one of the classes."""
        return self.kind in {"binary", "multiclass"}

    @property
    def target(self) -> str | None:
        """The one column that is predicted; None if there are several."""
        return self.targets[0] if len(self.targets) == 1 else None

    @property
    def named(self) -> str:
        """The targets as a part of a sentence: target 'y', or targets 'a', 'b'."""
        return f"{'target' if self.target else 'targets'} {listed(self.targets)}"

    def to_json(self) -> dict[str, Any]:
        """The task as plain values; ``targets`` is among them only if there are several."""
        told = {"kind": self.kind, "target": self.target, "classes": list(self.classes)}
        return told if self.target else told | {"targets": list(self.targets)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Task":
        targets = data.get("targets") or [data["target"]]
        return cls(data["kind"], tuple(targets), tuple(data["classes"]))

    def known(self, table: Table) -> Rows:
        """The numbers of the rows in which no target is missing."""
        return np.flatnonzero(self.has_targets(table))

    def has_targets(self, table: Table) -> NDArray[np.bool_]:
        """A mask (rows,) of the rows in which no target is missing."""
        missing = table.missing(self.targets[0])
        for other in self.targets[1:]:
            missing |= table.missing(other)
        return ~missing

    def values(self, table: Table, rows: Portion | None = None) -> NDArray[np.float64]:
        """The numbers that a regression is to predict, shape (rows, targets).

        Raises InvalidData, naming row and column, where one is missing or infinite.
        """
        rows = slice(0, table.rows) if rows is None else rows
        columns = [np.asarray(table.part(each, rows), np.float64) for each in self.targets]
        found = np.stack(columns, axis=1)
        if not np.isfinite(found).all():
            place, column = (int(each) for each in np.argwhere(~np.isfinite(found))[0])
            row, name = row_of(rows, place), self.targets[column]
            raise InvalidData(
                f"Row {row}, column {name!r}: the value is not a number.", row=row, column=name
            )
        return found

    def codes(self, table: Table, rows: Portion | None = None) -> NDArray[np.int64]:
        """The place of each row's class among ``classes``; of several targets, (rows, targets).

        Raises InvalidData, naming row and column, where a class is missing or not known.
        """
        columns = [self._codes_of(table, each, rows) for each in self.targets]
        return columns[0] if self.target else np.stack(columns, axis=1)

    def _codes_of(self, table: Table, target: str, rows: Portion | None) -> NDArray[np.int64]:
        if isinstance(rows, slice):
            return self._codes(table, target, rows)
        found = np.empty(table.rows if rows is None else len(rows), np.int64)
        for place, part in portions(len(found), rows):
            found[place] = self._codes(table, target, part)
        return found

    def _codes(self, table: Table, target: str, part: Portion) -> NDArray[np.int64]:
        values = table.part(target, part)
        if (table.kinds[target] == "string") == isinstance(self.classes[0], str):
            found = self._places(values)
            if found.min(initial=0) >= 0:
                return found
            place = int(np.argmin(found))
        else:
            place = 0
        row = row_of(part, place)
        raise InvalidData(
            f"Row {row}, column {target!r}: {shown(values[place])} is none of the classes "
            f"{listed(self.classes)}.",
            row=row,
            column=target,
        )

    def _places(self, values: NDArray[Any]) -> NDArray[np.int64]:
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
    table: Table,
    targets: str | Sequence[str],
    kind: Literal["classification", "regression"] | None = None,
) -> Task:
    """What the target columns ask for, unless ``kind`` says it.

    Text and booleans are classes; integers are classes if there are at most 20 different ones;
    everything else is a quantity. Several targets are labels if they all have the same two values,
    and else quantities. Rows without a target do not count.
    Raises InvalidData at "/target" (of several, at "/targets") if a column does not exist, has no
    values or only one, or cannot be what it is asked to be.
    """
    if not isinstance(targets, str):
        return _infer_several(table, tuple(targets), kind)
    values = _distinct(table, targets)
    if kind is None:
        kind = _likely_kind(table.kinds[targets], len(values))
    if kind == "regression":
        _check_numbers(table, targets, "/target")
        return Task("regression", (targets,))
    classes = _labels(values, table.kinds[targets])
    return Task("binary" if len(values) == 2 else "multiclass", (targets,), classes)


def _infer_several(
    table: Table, targets: tuple[str, ...], kind: Literal["classification", "regression"] | None
) -> Task:
    """The task of several targets: all of them are labels with two values, or all are numbers."""
    places = {target: f"/targets/{place}" for place, target in enumerate(targets)}
    values = {target: _distinct(table, target, places[target]) for target in targets}
    both = values[targets[0]]
    odd = next((t for t in targets if len(both) > 2 or not np.array_equal(values[t], both)), None)
    if kind == "regression":
        for target in targets:
            _check_numbers(table, target, places[target])
        return Task("regression", targets)
    if odd is None:
        return Task("multilabel", targets, _labels(both, table.kinds[targets[0]]))
    if kind == "classification" or any(table.kinds[t] in {"string", "boolean"} for t in targets):
        odd = odd or targets[0]
        raise InvalidData(
            "Several targets are either numbers, or labels that all have the same two values (such "
            f"as true and false): {odd!r} has {listed(values[odd])}, {targets[0]!r} has "
            f"{listed(both)}.",
            places[odd],
            column=odd,
        )
    return Task("regression", targets)


def _check_numbers(table: Table, target: str, pointer: str) -> None:
    if table.kinds[target] == "string":
        raise InvalidData(
            f"The target {target!r} holds text, so it has classes and cannot be regressed on.",
            pointer,
            column=target,
        )


def _check_exists(table: Table, target: str, pointer: str) -> None:
    if target in table.columns:
        return
    by_lower_case = {name.lower(): name for name in table.columns}
    near = get_close_matches(target.lower(), by_lower_case, n=1)
    hint = f" Did you mean {by_lower_case[near[0]]!r}?" if near else ""
    raise InvalidData(
        f"There is no column {target!r}.{hint} The columns are {listed(table.columns)}.",
        pointer,
        column=target,
    )


def _distinct(table: Table, target: str, pointer: str = "/target") -> NDArray[Any]:
    """The distinct values of a target in ascending order: at least two, all of them finite."""
    _check_exists(table, target, pointer)
    values = table.columns[target][~table.missing(target)]
    if len(values) == 0:
        raise InvalidData(f"The target {target!r} has no values.", pointer, column=target)
    is_text = table.kinds[target] == "string"
    distinct = np.array(sorted(set(values)), object) if is_text else np.unique(values)
    if len(distinct) == 1:
        raise InvalidData(
            f"The target {target!r} is {shown(distinct.tolist()[0])} in every row: nothing can be "
            "learnt.",
            pointer,
            column=target,
        )
    if not (is_text or np.isfinite(distinct).all()):
        raise InvalidData(f"The target {target!r} holds infinite values.", pointer, column=target)
    return distinct


def _labels(distinct: NDArray[Any], kind: ColumnKind) -> tuple[Label, ...]:
    """Values of a column as Python values of its kind."""
    to_python = {"integer": int, "boolean": bool, "float": float, "string": str}[kind]
    return tuple(map(to_python, distinct.tolist()))


def _likely_kind(kind: ColumnKind, distinct: int) -> Literal["classification", "regression"]:
    if kind in {"string", "boolean"} or (kind == "integer" and distinct <= MAX_INTEGER_CLASSES):
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
