"""Which rows a network is trained on, and which are kept aside to judge it.

``split`` carries out one of the ways of ``engine.data.validation``, or one fold of
``engine.data.folds``, from a seed, so that nothing of it has to be stored.
"""

from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from engine.data.folds import CrossValidation, assignments, check_folds
from engine.data.permutation import permutation
from engine.data.table import Rows, Table
from engine.data.task import Task, shown
from engine.data.validation import Holdout, NoValidation, OtherDataset, Validation
from engine.errors import InvalidSpec
from engine.randomness import Purpose, key

__all__ = ["Split", "split"]


@dataclass(frozen=True, eq=False)
class Split:
    """Two disjoint sets of rows; that of validation may be empty.

    ``train_mask`` and ``validation_mask`` (rows,) are true for the rows of each set: of a table
    that takes most of the memory there is, row numbers are made when they are needed.
    ``validation_table`` is where the rows to validate on are, if not in the table that is trained
    on.
    """

    train_mask: NDArray[np.bool_]
    validation_mask: NDArray[np.bool_]
    warnings: tuple[str, ...] = ()
    validation_table: Table | None = None

    @property
    def train_indices(self) -> NDArray[np.uint32]:
        """The numbers of the rows to train on, ascending."""
        return _numbers(self.train_mask)

    @property
    def validation_indices(self) -> NDArray[np.uint32]:
        """The numbers of the rows to validate on, ascending."""
        return _numbers(self.validation_mask)

    @property
    def counts(self) -> tuple[int, int]:
        """How many rows there are to train and to validate on."""
        return int(np.count_nonzero(self.train_mask)), int(np.count_nonzero(self.validation_mask))

    def table_for_validation(self, table: Table) -> Table:
        """The table with the rows to validate on; ``table`` is the one that is trained on."""
        return table if self.validation_table is None else self.validation_table


def split(
    validation: Validation,
    table: Table,
    task: Task,
    seed: int,
    fold: int = 0,
    validation_table: Table | None = None,
) -> Split:
    """Rows to train on and rows to validate on; rows without a target are in neither.

    The same table, task and seed give the same split. Of a cross-validation it is that of a fold,
    or for fold 0 all rows, to train on. ``validation_table`` is the table of another dataset, where
    that is to validate. Raises InvalidSpec at "/validation/..." if a part would have no rows, or
    would lack a class.
    """
    known = task.has_targets(table)
    warnings = _dropped(table.rows - int(np.count_nonzero(known)), task)
    if isinstance(validation, CrossValidation) and fold:
        left_out = _left_out(validation, table, task, seed, fold)
        return Split(known & ~left_out, left_out, warnings)
    if isinstance(validation, NoValidation | CrossValidation):
        return Split(known, np.zeros(0, np.bool_), warnings)
    if isinstance(validation, OtherDataset):
        return Split(known, _validation_mask(validation_table, task), warnings, validation_table)
    if not isinstance(validation, Holdout):
        raise TypeError(f"No way to split by {type(validation).__name__}.")
    held = _held_out(validation, table, task, _numbers(known), seed)
    result = Split(known & ~held, held, warnings)
    _check_both_parts(result, validation, table, task)
    return result


def _numbers(chosen: NDArray[np.bool_]) -> NDArray[np.uint32]:
    return np.flatnonzero(chosen).astype(np.uint32)


def _marked(rows: Rows, count: int) -> NDArray[np.bool_]:
    """A mask (count,) that is true for the row numbers in ``rows``."""
    marked = np.zeros(count, np.bool_)
    marked[rows] = True
    return marked


def _validation_mask(validation_table: Table | None, task: Task) -> NDArray[np.bool_]:
    """A mask of the rows of another dataset that have a target.

    Raises InvalidSpec where it lacks the target's column, or every value of it.
    """
    if validation_table is None:
        raise TypeError("The table of the other dataset is missing.")
    for target in task.targets:
        if target not in validation_table.columns:
            raise InvalidSpec(
                f"The dataset to validate on has no column {target!r}, which is to be predicted.",
                "/validation/id",
            )
    known = task.has_targets(validation_table)
    if not known.any():
        raise InvalidSpec(
            f"No row of the dataset to validate on has a value in the {task.named}.",
            "/validation/id",
        )
    return known


def _left_out(
    validation: CrossValidation, table: Table, task: Task, seed: int, fold: int
) -> NDArray[np.bool_]:
    """A mask of the rows that one fold holds out."""
    rows = task.known(table)
    codes = task.codes(table, rows) if task.has_one_class else None
    if codes is not None:
        check_folds(validation, rows, codes, task, seed)
    repeat, place = divmod(fold - 1, validation.shape(len(rows))[1])
    by_class = codes if validation.is_stratified(task) else None
    dealt = next(islice(assignments(validation, rows, by_class, seed), repeat, None))
    return _marked(rows[dealt == place], table.rows)


def _held_out(
    validation: Holdout, table: Table, task: Task, rows: Rows, seed: int
) -> NDArray[np.bool_]:
    """A mask of the rows that a holdout keeps for validation, among those that have a target."""
    order = permutation(len(rows), key(seed, Purpose.SPLIT))
    if task.has_one_class and validation.stratify:
        held = _stratified(validation.fraction, task.codes(table, rows), order)
    else:
        held = order[: _part(validation.fraction, len(rows))]
    return _marked(rows[held], table.rows)


def _stratified(fraction: float, codes: Rows, order: Rows) -> Rows:
    """The share of each class, taken from ``order``: indices into the rows with a target."""
    by_class = order[np.argsort(codes[order], kind="stable")]
    counts = np.bincount(codes)
    starts = np.cumsum(counts) - counts
    held = [
        by_class[start : start + _part(fraction, count)]
        for start, count in zip(starts.tolist(), counts.tolist(), strict=True)
    ]
    return np.concatenate(held)


def _part(fraction: float, count: int) -> int:
    """The fraction of a count as a whole number, halves rounded up."""
    return int(np.floor(fraction * count + 0.5))


def _check_both_parts(result: Split, validation: Holdout, table: Table, task: Task) -> None:
    for part, rows in (
        ("training", result.train_indices),
        ("validation", result.validation_indices),
    ):
        if len(rows) == 0:
            total = sum(result.counts)
            raise InvalidSpec(
                f"A fraction of {validation.fraction:g} of {total} rows leaves none for {part}.",
                "/validation/fraction",
            )
        if not task.has_one_class or (part == "validation" and not validation.stratify):
            continue
        counts = np.bincount(task.codes(table, rows), minlength=len(task.classes))
        if counts.min() == 0:
            label = task.classes[int(np.argmin(counts))]
            raise InvalidSpec(
                f"A fraction of {validation.fraction:g} leaves no row of class {shown(label)} for "
                f"{part}. Change the fraction, or remove classes that have very few rows.",
                "/validation/fraction",
            )


def _dropped(count: int, task: Task) -> tuple[str, ...]:
    if count == 0:
        return ()
    rows = "1 row has" if count == 1 else f"{count} rows have"
    return (f"{rows} no value in the {task.named} and will not be used.",)
