"""How a preprocessing is fitted: what is learnt from the training rows, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np

from engine.data.columns import CategoricalColumn, NumericColumn, scaling
from engine.data.preprocessing_specs import Numeric, OneHot, Preprocessing
from engine.data.table import Rows, Table
from engine.data.task import Task, listed
from engine.errors import InvalidData, InvalidSpec, json_pointer

__all__ = ["FittedColumn", "check_names", "fit_column", "fit_targets", "warnings_of"]

FittedColumn: TypeAlias = NumericColumn | CategoricalColumn


def check_names(spec: Preprocessing, table: Table, task: Task) -> None:
    """Raise InvalidSpec where the spec names a column that it cannot have."""
    places = [(name, f"/preprocessing/drop/{i}") for i, name in enumerate(spec.drop)]
    places += [(name, json_pointer("preprocessing", "columns", name)) for name in spec.columns]
    for name, pointer in places:
        if name in task.targets:
            raise InvalidSpec(
                f"The column {name!r} is {'the' if task.target else 'a'} target.", pointer
            )
        if name not in table.columns:
            known = listed(table.columns)
            raise InvalidSpec(f"There is no column {name!r}. The columns are {known}.", pointer)
    for name, how in spec.columns.items():
        if isinstance(how, Numeric) and table.kinds[name] == "string":
            raise InvalidSpec(
                f"The column {name!r} holds text, which cannot be numeric. Use one_hot.",
                json_pointer("preprocessing", "columns", name),
            )


def fit_column(spec: Preprocessing, table: Table, name: str, rows: Rows) -> FittedColumn:
    """Fit one input column on ``rows``, as the spec says for it or for its kind.

    Raises InvalidData where the column cannot be used.
    """
    is_text = table.kinds[name] == "string"
    how = spec.columns.get(name, spec.categorical if is_text else spec.numeric)
    if isinstance(how, OneHot):
        return CategoricalColumn.fit(table, name, rows, max_categories=how.max_categories)
    if not isinstance(how, Numeric):
        raise TypeError(f"No way to preprocess by {type(how).__name__}.")
    return NumericColumn.fit(
        table, name, rows, impute=how.impute, fill_value=how.fill_value, scale=how.scale
    )


def fit_targets(
    spec: Preprocessing, table: Table, task: Task, rows: Rows
) -> tuple[tuple[float, float], ...]:
    """The offset and the scale of each target of a regression; nothing for classes.

    Raises InvalidData where a target is the same in all ``rows``.
    """
    if task.kind != "regression":
        return ()
    scales = []
    for name, values in zip(task.targets, task.values(table, rows).T, strict=True):
        offset, scale, constant = scaling(np.ascontiguousarray(values), spec.target_scale, name)
        if constant:
            raise InvalidData(
                f"The target {name!r} is {values[0]:g} in every training row: nothing can be "
                "learnt.",
                "/target",
                column=name,
            )
        scales.append((offset, scale))
    return tuple(scales)


def warnings_of(fitted: Sequence[FittedColumn]) -> Iterator[str]:
    """Sentences about columns that are constant, or have more categories than are kept."""
    constant = [column.name for column in fitted if column.constant]
    if constant:
        yield f"The same value in every training row, so nothing to learn from: {listed(constant)}."
    for column in fitted:
        if isinstance(column, CategoricalColumn) and column.others:
            yield (
                f"Column {column.name!r} has more than {len(column.categories)} categories: the "
                "most frequent ones are kept, the others count as one."
            )
