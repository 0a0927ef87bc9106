"""A cross-validation in numbers: the spread of its metrics, and its out-of-fold predictions."""

from collections.abc import Iterator, Sequence
from math import isfinite
from statistics import fmean, stdev
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from engine import Task
from engine.data.task import EVEN_ODDS, Label
from service.database.tables import Fold
from service.folds import repository as folds
from service.folds.schemas import OutOfFoldRow, Spread

__all__ = ["answer_of", "label_of", "out_of_fold", "spreads"]


def spreads(measured: Sequence[dict[str, float | None]]) -> dict[str, Spread]:
    """Mean and deviation of every metric."""
    names = list(measured[0]) if measured else []
    return {name: _spread([each.get(name) for each in measured]) for name in names}


def _spread(values: list[float | None]) -> Spread:
    known = [value for value in values if value is not None and isfinite(value)]
    if len(known) < len(values):
        return Spread(mean=None, deviation=None)
    return Spread(mean=fmean(known), deviation=stdev(known) if len(known) > 1 else None)


def out_of_fold(
    session: Session, ended: Sequence[Fold], task: Task, *, offset: int, limit: int
) -> list[OutOfFoldRow]:
    """So many rows from a place on; only the folds that they are in are read."""
    found: list[OutOfFoldRow] = []
    for fold in ended:
        if offset < fold.validation_rows and len(found) < limit:
            last = offset + limit - len(found)
            found.extend(_rows(session, fold, task, slice(offset, last)))
        offset = max(0, offset - fold.validation_rows)
    return found


def _rows(session: Session, fold: Fold, task: Task, part: slice) -> Iterator[OutOfFoldRow]:
    arrays = safetensors.numpy.load(folds.out_of_fold(session, fold.job_id, fold.fold))
    outputs, truth = arrays["outputs"][part], arrays["truth"][part]
    for row, right, output in zip(arrays["rows"][part], truth, outputs, strict=True):
        yield OutOfFoldRow(
            row=int(row),
            fold=fold.fold,
            repeat=fold.repeat,
            truth=label_of(right, task),
            prediction=label_of(answer_of(output, task), task),
            probabilities=output.tolist() if task.classes else None,
        )


def answer_of(output: NDArray[np.float64], task: Task) -> NDArray[Any]:
    """What a network's output says: the place of a class, the places of labels, or the numbers."""
    if task.kind == "multilabel":
        return (output >= EVEN_ODDS).astype(np.int64)
    return np.asarray(output.argmax() if task.classes else output)


def label_of(values: NDArray[Any], task: Task) -> Label | list[Label]:
    """Numbers, or the classes at such places: one, or of several targets a list."""
    told = [task.classes[int(each)] if task.classes else float(each) for each in np.ravel(values)]
    return told[0] if task.target else told
