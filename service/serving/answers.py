"""Rows one by one: what is right, and what a model says."""

from engine.table import Table
from engine.task import Task
from service.schemas.base import Label
from service.schemas.evaluations import Answers
from service.serving.sources import Answered

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


def _truth(task: Task, table: Table) -> list[Label] | list[list[Label]]:
    """The classes, or the numbers: of several targets a list a row."""
    if task.kind == "regression":
        numbers = task.values(table)
        return (numbers[:, 0] if task.target else numbers).tolist()
    return _named(task.codes(table).tolist(), task)


def _named(codes: list[int] | list[list[int]], task: Task) -> list[Label] | list[list[Label]]:
    return [
        [task.classes[each] for each in code] if isinstance(code, list) else task.classes[code]
        for code in codes
    ]
