"""Cross-validation: which rows are held out in which fold.

``CrossValidation`` is what its kinds have in common; ``assignments`` deals the rows out, from a
seed. Folds are numbered from 1, those of the second repeat go on counting; 0 is no fold.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le
from numpy.typing import NDArray

from engine.data.table import Rows
from engine.data.task import Task, shown
from engine.data.validation import Validation
from engine.errors import InvalidSpec
from engine.randomness import Purpose, stream

__all__ = [
    "CrossValidation",
    "KFold",
    "LeaveOneOut",
    "assignments",
    "check_folds",
    "folds_of",
    "trainings_of",
]

MAX_LEFT_OUT = 500


@dataclass(frozen=True, kw_only=True)
class CrossValidation(Validation):
    """Several trainings, each of which holds other rows out."""

    refit: bool = True
    """Whether a last network is trained on all rows, which is then the model; else the model is the
    best of the folds' networks."""

    def shape(self, rows: int) -> tuple[int, int]:
        """The number of repeats, and of folds in each, for so many rows. Raises InvalidSpec."""
        raise NotImplementedError

    def is_stratified(self, task: Task) -> bool:
        """Whether every fold gets its share of each class of the task."""
        return False


@dataclass(frozen=True, kw_only=True)
class KFold(CrossValidation):
    """The rows are dealt out to k folds; each training holds one of them out.

    Stratified, the folds' counts of each class differ by one at most. With repeats, all of it is
    done again with the rows dealt out anew.

    Source: Kohavi, "A study of cross-validation and bootstrap for accuracy estimation and model
    selection", 1995.
    """

    kind: Literal["k_fold"] = "k_fold"
    folds: Annotated[int, Ge(2), Le(100)] = 5
    """How many folds the rows are dealt out to."""
    repeats: Annotated[int, Ge(1), Le(100)] = 1
    """How often all of it is done."""
    stratify: bool = True
    """Whether every fold gets its part of each class; without effect where rows have no
    class, or several."""

    def shape(self, rows: int) -> tuple[int, int]:
        if rows < self.folds:
            raise InvalidSpec(
                f"{rows} rows cannot be dealt out to {self.folds} folds: ask for fewer folds.",
                "/validation/folds",
            )
        return self.repeats, self.folds

    def is_stratified(self, task: Task) -> bool:
        return self.stratify and task.has_one_class


@dataclass(frozen=True, kw_only=True)
class LeaveOneOut(CrossValidation):
    """Each training holds a single row out; for few rows.

    Source: Stone, "Cross-validatory choice and assessment of statistical predictions", 1974.
    """

    kind: Literal["leave_one_out"] = "leave_one_out"

    def shape(self, rows: int) -> tuple[int, int]:
        if not 2 <= rows <= MAX_LEFT_OUT:
            raise InvalidSpec(
                f"leave_one_out would train {rows} networks: it is for 2 to {MAX_LEFT_OUT} rows. "
                "Use k_fold.",
                "/validation/kind",
            )
        return 1, rows


def folds_of(validation: Validation, rows: int) -> int:
    """How many folds are trained, over all repeats; 0 without cross-validation."""
    if not isinstance(validation, CrossValidation):
        return 0
    repeats, folds = validation.shape(rows)
    return repeats * folds


def trainings_of(validation: Validation, folds: int) -> int:
    """How many networks are trained for so many folds."""
    if not isinstance(validation, CrossValidation):
        return 1
    return folds + 1 if validation.refit else folds


def assignments(
    validation: CrossValidation, rows: Rows, codes: Rows | None, seed: int
) -> Iterator[NDArray[np.int64]]:
    """For each repeat, the fold (0 to k - 1) of every one of ``rows``.

    ``codes`` are the rows' classes, where each class is to be dealt out by itself. The shuffled
    rows, class after class, are dealt out in turn, so that no two folds differ by more than one
    row, in all or of any class.
    """
    repeats, folds = validation.shape(len(rows))
    for repeat in range(repeats):
        order = stream(seed, Purpose.SPLIT, repeat).permutation(len(rows))
        if codes is not None:
            order = order[np.argsort(codes[order], kind="stable")]
        dealt = np.empty(len(rows), np.int64)
        dealt[order] = np.arange(len(rows)) % folds
        yield dealt


def check_folds(
    validation: CrossValidation, rows: Rows, codes: Rows, task: Task, seed: int
) -> None:
    """Raise InvalidSpec if some fold would leave a class without a row to train on."""
    by_class = codes if validation.is_stratified(task) else None
    everyone = np.bincount(codes, minlength=len(task.classes))
    for dealt in assignments(validation, rows, by_class, seed):
        held = np.zeros((int(dealt.max()) + 1, len(task.classes)), np.int64)
        np.add.at(held, (dealt, codes), 1)
        lost = (held == everyone).any(axis=0)
        if lost.any():
            label = task.classes[int(lost.argmax())]
            raise InvalidSpec(
                f"One of the folds would hold out every row of class {shown(label)}, and leave "
                "none to train on. Use fewer folds, stratify them, or remove classes that have "
                "very few rows.",
                "/validation",
            )
