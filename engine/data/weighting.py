"""Weights of rows: some classes, or some rows, may count more than others in training.

The loss of a row is multiplied by its weight. Weights are scaled to a mean of 1 over the training
rows, so that the learning rate keeps its meaning. Validation counts every row once.
"""

import json
from dataclasses import dataclass, field
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge
from numpy.typing import NDArray

from engine.data.table import Rows, Table
from engine.data.task import Label, Task
from engine.errors import InvalidData, InvalidSpec
from engine.spec import Spec

__all__ = ["Weighting", "check_class_weights", "check_weight_column", "row_weights"]


@dataclass(frozen=True, kw_only=True)
class Weighting(Spec):
    """How much rows and classes count in training; by default all the same."""

    classes: Literal["even", "balanced", "given"] = "even"
    """Whether all rows count alike, all classes together count alike, or as given."""
    class_weights: dict[str, Annotated[float, Ge(0)]] = field(default_factory=dict)
    """With "given": a weight for each class, by its label as text; 1 for those left out."""
    column: str | None = None
    """A column of the dataset that holds a weight for every row; it is no input then."""

    def __post_init__(self) -> None:
        Spec.__post_init__(self)
        if bool(self.class_weights) != (self.classes == "given"):
            raise InvalidSpec("class_weights go with classes = 'given'", "/class_weights")


def label_text(label: Label) -> str:
    """A class as the key of a JSON object, such as "true", "3" or "setosa"."""
    return label if isinstance(label, str) else json.dumps(label)


def check_class_weights(weighting: Weighting, task: Task) -> None:
    """Raise InvalidSpec unless the task has the classes that are to be weighed."""
    if weighting.classes != "even" and not task.has_one_class:
        what = "has no classes" if task.kind == "regression" else "has rows of several classes"
        raise InvalidSpec(
            f"A {task.kind} task {what}, so that they cannot be weighed: leave them even.",
            "/weighting/classes",
        )
    known = [label_text(label) for label in task.classes]
    for text in weighting.class_weights:
        if text not in known:
            raise InvalidSpec(
                f"{text!r} is none of the classes {', '.join(known)}.", "/weighting/class_weights"
            )


def check_weight_column(column: str, table: Table, task: Task) -> None:
    """Raise InvalidSpec or InvalidData unless the column can hold weights."""
    pointer = "/weighting/column"
    if column not in table.columns or column in task.targets:
        raise InvalidSpec(f"There is no column {column!r} beside the target.", pointer)
    if table.kinds[column] == "string":
        raise InvalidData(f"Column {column!r} holds text, not weights.", pointer, column=column)
    values = table.columns[column]
    wrong = ~(np.isfinite(values) & (values >= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InvalidData(
            f"Row {row}, column {column!r}: a weight must be a number of 0 or more.",
            pointer,
            row=row,
            column=column,
        )


def row_weights(weighting: Weighting, table: Table, task: Task, rows: Rows) -> NDArray[np.float64]:
    """A weight for each of the rows, 1 on average; empty where all count alike.

    Raises InvalidSpec where all are zero.
    """
    if weighting.classes == "even" and weighting.column is None:
        return np.zeros(0)
    weights = np.ones(len(rows))
    if weighting.classes != "even":
        weights *= _by_class(weighting, task, task.codes(table, rows))
    if weighting.column is not None:
        weights *= table.part(weighting.column, rows)
    if not weights.any():
        raise InvalidSpec("Every training row has a weight of 0.", "/weighting")
    return np.asarray(weights / weights.mean())


def _by_class(weighting: Weighting, task: Task, codes: Rows) -> NDArray[np.float64]:
    if weighting.classes == "balanced":
        counts = np.bincount(codes, minlength=len(task.classes))
        return np.asarray(len(codes) / (len(task.classes) * np.maximum(counts, 1)))[codes]
    given = weighting.class_weights
    return np.array([given.get(label_text(label), 1.0) for label in task.classes])[codes]
