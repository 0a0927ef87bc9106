"""Rows one by one: what is right, and what a model says."""

from typing import Any

import numpy as np

from engine.data.table import Table
from engine.data.task import Task
from service.evaluations.schemas import Answers
from service.insight.row_reader import Answered

__all__ = ["tell"]


def tell(rows: Answered) -> Answers:
    """Every one of these rows, in their order."""
    model = rows.ready.model
    said = model.predict(rows.table)
    return Answers(
        truth=_truth(model.task, rows.table),
        predictions=said.values,
        probabilities=None if said.probabilities is None else said.probabilities.tolist(),
    )


def _truth(task: Task, table: Table) -> list[Any]:
    """The classes, or the numbers: of several targets a list a row."""
    if task.kind == "regression":
        numbers = task.values(table)
        return list((numbers[:, 0] if task.target else numbers).tolist())
    names = np.array(task.classes, dtype=object)
    return list(names[task.codes(table)].tolist())
