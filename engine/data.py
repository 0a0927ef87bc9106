"""Which rows a network is trained on, and which are kept aside to judge it.

``Validation`` is the family of ways to hold rows back; ``split`` carries one of them out, from a
seed, so that nothing of it has to be stored.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Lt

from engine.errors import InvalidSpec
from engine.randomness import Purpose, stream
from engine.spec import Spec
from engine.table import ColumnKind, Rows, Table
from engine.task import Label, Task, infer_task, shown

__all__ = [
    "ColumnKind",
    "Holdout",
    "Label",
    "NoValidation",
    "Rows",
    "Split",
    "Table",
    "Task",
    "Validation",
    "infer_task",
    "split",
]


@dataclass(frozen=True, kw_only=True)
class Validation(Spec, family="validation"):
    """How rows are kept aside to judge a network on what it was not trained on."""


@dataclass(frozen=True, kw_only=True)
class Holdout(Validation):
    """A random part of the rows is kept aside.

    Stratified, each class gives the rounded fraction of its own rows, so that both parts have
    the same proportions.
    """

    kind: Literal["holdout"] = "holdout"
    fraction: Annotated[float, Gt(0), Lt(1)] = 0.2
    """The part of all rows that is kept aside."""
    stratify: bool = True
    """Whether every class gives its own part; without effect on regression."""


@dataclass(frozen=True, kw_only=True)
class NoValidation(Validation):
    """Every row is trained on; nothing is measured on unseen rows."""

    kind: Literal["none"] = "none"


@dataclass(frozen=True, eq=False)
class Split:
    """Two disjoint sets of row numbers, both ascending; ``validation`` may be empty."""

    train: Rows
    validation: Rows
    warnings: tuple[str, ...] = ()


def split(validation: Validation, table: Table, task: Task, seed: int) -> Split:
    """Rows to train on and rows to validate on; rows without a target are in neither.

    The same table, task and seed give the same split. Raises InvalidSpec at
    "/validation/fraction" if a part would have no rows, or would lack a class.
    """
    missing = table.missing(task.target)
    rows = np.flatnonzero(~missing)
    warnings = _dropped(int(missing.sum()), task.target)
    if isinstance(validation, NoValidation):
        return Split(rows, rows[:0], warnings)
    if not isinstance(validation, Holdout):
        raise TypeError(f"No way to split by {type(validation).__name__}.")
    random = stream(seed, Purpose.SPLIT)
    if task.kind == "regression" or not validation.stratify:
        held = random.permutation(rows)[: _part(validation.fraction, len(rows))]
    else:
        held = _stratified(validation.fraction, rows, task.codes(table, rows), random)
    chosen = np.zeros(table.rows, np.bool_)
    chosen[held] = True
    result = Split(rows[~chosen[rows]], rows[chosen[rows]], warnings)
    _check_both_parts(result, validation, table, task)
    return result


def _stratified(fraction: float, rows: Rows, codes: Rows, random: np.random.Generator) -> Rows:
    order = random.permutation(len(rows))
    by_class = order[np.argsort(codes[order], kind="stable")]
    counts = np.bincount(codes)
    starts = np.cumsum(counts) - counts
    held = [
        by_class[start : start + _part(fraction, count)]
        for start, count in zip(starts.tolist(), counts.tolist(), strict=True)
    ]
    return rows[np.concatenate(held)]


def _part(fraction: float, count: int) -> int:
    """The fraction of a count, halves rounded up."""
    return int(np.floor(fraction * count + 0.5))


def _check_both_parts(result: Split, validation: Holdout, table: Table, task: Task) -> None:
    for part, rows in (("training", result.train), ("validation", result.validation)):
        if len(rows) == 0:
            total = len(result.train) + len(result.validation)
            raise InvalidSpec(
                f"A fraction of {validation.fraction:g} of {total} rows leaves none for {part}.",
                "/validation/fraction",
            )
        if task.kind == "regression" or (part == "validation" and not validation.stratify):
            continue
        counts = np.bincount(task.codes(table, rows), minlength=len(task.classes))
        if counts.min() == 0:
            label = task.classes[int(np.argmin(counts))]
            raise InvalidSpec(
                f"A fraction of {validation.fraction:g} leaves no row of class {shown(label)} for "
                f"{part}. Change the fraction, or remove classes that have very few rows.",
                "/validation/fraction",
            )


def _dropped(count: int, target: str) -> tuple[str, ...]:
    if count == 0:
        return ()
    rows = "1 row has" if count == 1 else f"{count} rows have"
    return (f"{rows} no value in the target {target!r} and will not be used.",)
