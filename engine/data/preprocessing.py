"""From raw rows to the matrix a network takes, and back from its outputs.

``Preprocessing`` says how; ``Preprocessor`` is what was learnt from the training rows, and nothing
but the training rows. It is a part of the model: whoever predicts sends raw rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.data.column_reading import absent, read_numbers, read_texts
from engine.data.columns import CategoricalColumn, NumericColumn
from engine.data.fitting import check_names, fit_column, fit_targets, warnings_of
from engine.data.preprocessing_specs import (
    ColumnPreprocessing,
    Numeric,
    OneHot,
    Preprocessing,
)
from engine.data.scaling import scale_columns
from engine.data.table import ColumnKind, MatrixColumns, Portion, Rows, Table, portions, row_of
from engine.data.task import Task
from engine.errors import InvalidData

__all__ = ["ColumnPreprocessing", "Numeric", "OneHot", "Preprocessing", "Preprocessor"]

_BLOCK = 1 << 17
"""How many numbers are gathered at a time."""


@dataclass(frozen=True, eq=False)
class Preprocessor:
    """A fitted preprocessing: raw columns to features, the target to numbers and back.

    The features are the numeric columns, in the order of the table, then the categories.
    """

    task: Task
    inputs: dict[str, ColumnKind]
    """The raw columns that are needed, in the order of the training table."""
    numeric: tuple[NumericColumn, ...]
    categorical: tuple[CategoricalColumn, ...]
    target_scales: tuple[tuple[float, float], ...] = ()
    """Of a regression, offset and scale of each target: y is trained on as (y - offset) / scale."""
    warnings: list[str] = field(default_factory=list)

    @classmethod
    def fit(cls, spec: Preprocessing, table: Table, task: Task, rows: Rows) -> Self:
        """Learn from ``rows`` only.

        Raises InvalidSpec, pointing into "/preprocessing", where the spec names a column that
        is not there or treats text as a number; InvalidData where a column cannot be used.
        """
        check_names(spec, table, task)
        names = [n for n in table.columns if n not in task.targets and n not in spec.drop]
        if not names:
            raise InvalidData(
                "No column is left to learn from, besides what is to be predicted.", "/dataset"
            )
        fitted = [fit_column(spec, table, name, rows) for name in names]
        return cls(
            task,
            {name: table.kinds[name] for name in names},
            tuple(column for column in fitted if isinstance(column, NumericColumn)),
            tuple(column for column in fitted if isinstance(column, CategoricalColumn)),
            fit_targets(spec, table, task, rows),
            list(warnings_of(fitted)),
        )

    @cached_property
    def feature_names(self) -> list[str]:
        """The name of each feature, such as "age" or "island=Biscoe"."""
        names = [column.name for column in self.numeric]
        return names + [name for column in self.categorical for name in column.feature_names]

    @cached_property
    def width(self) -> int:
        """How many features there are."""
        return len(self.numeric) + sum(column.width for column in self.categorical)

    @cached_property
    def features_of(self) -> dict[str, slice]:
        """Which features every raw column became, in the order of ``inputs``."""
        where = {column.name: slice(i, i + 1) for i, column in enumerate(self.numeric)}
        start = len(self.numeric)
        for column in self.categorical:
            where[column.name] = slice(start, start + column.width)
            start += column.width
        return {name: where[name] for name in self.inputs}

    def transform(
        self, table: Table, dtype: DTypeLike = np.float32, rows: Rows | None = None
    ) -> NDArray[Any]:
        """The features, shape (rows, width), C-contiguous and finite.

        Raises InvalidData, naming row and column, where a column is missing, is text instead of
        numbers or the other way round, or holds a number that the dtype cannot.
        """
        count = table.rows if rows is None else len(rows)
        read = self._reader(table)
        out = np.empty((count, self.width), dtype)
        for place, part in portions(count, rows):
            self._transform(read(part), part, out[place])
        return out

    def prepared(
        self, table: Table, dtype: DTypeLike, rows: Rows | None, size: int
    ) -> Iterator[tuple[slice, NDArray[Any]]]:
        """Yield the features some rows at a time: their places, and an array that is used again.

        The numbers are those of ``transform``, and so are the errors that it raises.
        """
        count = table.rows if rows is None else len(rows)
        read = self._reader(table)
        out = np.empty((min(size, count), self.width), dtype)
        for place, part in portions(count, rows, size):
            features = out[: place.stop - place.start]
            self._transform(read(part), part, features)
            yield place, features

    def encode_target(
        self, table: Table, dtype: DTypeLike = np.float32, rows: Rows | None = None
    ) -> NDArray[Any]:
        """What the network is to answer: scaled values, 0 or 1, or the place of the class.

        Shape (rows, targets). Raises InvalidData, naming row and column, where a target is missing
        or an unknown class.
        """
        for name in self.task.targets:
            if self.task.kind == "regression":
                read_numbers(table, name)
            elif name not in table.columns:
                raise absent(name)
        count = table.rows if rows is None else len(rows)
        encoded = np.empty((count, len(self.task.targets)), dtype)
        for place, part in portions(count, rows):
            encoded[place] = self._encode_targets(table, part)
        return encoded

    def _encode_targets(self, table: Table, part: Portion) -> NDArray[Any]:
        if self.task.kind == "regression":
            offset, scale = self._target_units
            return np.asarray((self.task.values(table, part) - offset) / scale)
        codes = self.task.codes(table, part)
        return codes.reshape(len(codes), len(self.task.targets))

    def decode(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Answers of a regression, shape (rows, targets), in the targets' own units."""
        offset, scale = self._target_units
        decoded: NDArray[np.float64] = np.asarray(values, np.float64) * scale + offset
        return decoded

    def to_json(self) -> dict[str, Any]:
        """The preprocessor as JSON; ``from_json`` gives the same numbers to the last bit."""
        return {
            "task": self.task.to_json(),
            "inputs": self.inputs,
            "numeric": [asdict(column) for column in self.numeric],
            "categorical": [
                {**asdict(column), "categories": list(column.categories)}
                for column in self.categorical
            ],
            "target_scales": [list(each) for each in self.target_scales],
            "warnings": self.warnings,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        task = Task.from_json(data["task"])
        # What was kept before there could be several targets has the scale of one.
        scales = data.get("target_scales", [data.get("target_scale")])
        return cls(
            task,
            dict(data["inputs"]),
            tuple(NumericColumn(**column) for column in data["numeric"]),
            tuple(
                CategoricalColumn(**{**column, "categories": tuple(column["categories"])})
                for column in data["categorical"]
            ),
            tuple(map(tuple, scales)) if task.kind == "regression" else (),
            list(data["warnings"]),
        )

    @property
    def target_units(self) -> NDArray[np.float64]:
        """The length of one scaled unit of each target in its own unit, shape (targets,)."""
        units: NDArray[np.float64] = self._target_units[1]
        return units

    @cached_property
    def _target_units(self) -> NDArray[np.float64]:
        """The offset and the scale of each target, shape (2, targets)."""
        return np.array(self.target_scales, np.float64).T

    @cached_property
    def _parameters(self) -> NDArray[np.float64]:
        """The fill, offset and scale of each numeric column, shape (columns, 3)."""
        rows = [(column.fill, column.offset, column.scale) for column in self.numeric]
        return np.array(rows, np.float64).reshape(len(rows), 3)

    def _reader(self, table: Table) -> Callable[[Portion], _Block]:
        """A function that reads some rows of the raw columns, in the order of the features."""
        columns = table.columns
        if isinstance(columns, MatrixColumns) and columns.names == self._only_numeric:
            return lambda part: columns.matrix[part].T
        read = [read_numbers(table, column.name) for column in self.numeric] + [
            read_texts(table, column.name)
            if column.kind == "string"
            else read_numbers(table, column.name)
            for column in self.categorical
        ]
        return lambda part: [column(part) for column in read]

    @cached_property
    def _only_numeric(self) -> tuple[str, ...]:
        """The names of the columns if all of them are numeric, else nothing."""
        return () if self.categorical else tuple(column.name for column in self.numeric)

    def _transform(self, columns: _Block, part: Portion, out: NDArray[Any]) -> None:
        """Write the features of some rows of the raw columns into ``out`` (rows, width)."""
        start = len(self.numeric)
        if start:
            self._transform_numeric(columns[:start], part, out[:, :start])
        for column, values in zip(self.categorical, columns[start:], strict=True):
            stop = start + column.width
            column.encode(values, out[:, start:stop])
            start = stop

    def _transform_numeric(self, columns: _Block, part: Portion, out: NDArray[Any]) -> None:
        """Impute, shift and scale in double precision, and write the result row by row."""
        step = max(1, _BLOCK // len(columns))
        block = np.empty((len(columns), min(step, len(out))))
        tile = np.empty((len(columns), _tile(len(columns))), out.dtype)
        for start in range(0, len(out), step):
            stop = min(start + step, len(out))
            values = block[:, : stop - start]
            _copy(columns, slice(start, stop), values)
            if scale_columns(values, self._parameters, tile, out[start:stop]):
                self._check_infinity(values, start, part, "is infinite")
                self._check_infinity(out[start:stop].T, start, part, "is too large")

    def _check_infinity(self, values: NDArray[Any], start: int, part: Portion, what: str) -> None:
        """Raise InvalidData at the first row that holds an infinity."""
        places = np.argwhere(np.isinf(values).T)
        if len(places):
            place, column = places[0]
            row, name = row_of(part, start + int(place)), self.numeric[column].name
            raise InvalidData(
                f"Row {row}, column {name!r}: the value {what}.", row=row, column=name
            )


_Block: TypeAlias = list[NDArray[Any]] | NDArray[Any]
"""Some rows of several columns: one by one, or as a matrix (columns, rows)."""


def _tile(columns: int) -> int:
    """How many rows are turned from columns into rows together, in the innermost cache."""
    return min(max(4096 // columns, 8), 64)


def _copy(columns: _Block, rows: slice, to: NDArray[np.float64]) -> None:
    if isinstance(columns, np.ndarray):
        to[:] = columns[:, rows]
        return
    for place, column in enumerate(columns):
        to[place] = column[rows]
