"""Tables that are walked over in portions: the same numbers as at once, and little memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.preprocessing import StandardScaler

from engine import (
    Dense,
    Holdout,
    InvalidData,
    Model,
    NetworkSpec,
    NoValidation,
    Preprocessing,
    Preprocessor,
    Recipe,
    Table,
    Training,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)
from engine.data.preprocessing import OneHot
from engine.data.table import Columns, Portion
from engine.metrics import Scale
from tests.engine.memory import peak_bytes

ROWS, FEATURES = 200_000, 12


class Elsewhere(Columns):
    """Columns that are not in memory: every one is made anew, from a seed, when it is read."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._names = (*(f"x{place}" for place in range(FEATURES)), "y")
        self.longest = 0

    @property
    def rows(self) -> int:
        return self._rows

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.part(name, slice(0, self._rows))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def part(self, name: str, rows: Portion) -> NDArray[Any]:
        numbers = np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
        self.longest = max(self.longest, len(numbers))
        phase = self._names.index(name) + 1.0
        values: NDArray[Any] = np.sin(numbers * phase * 0.37).astype(np.float32)
        return values


def tables(rows: int) -> tuple[Table, Table]:
    """The same table elsewhere and in memory."""
    columns = Elsewhere(rows)
    kinds: Any = dict.fromkeys(columns, "float")
    return Table(columns, kinds), Table({name: columns[name] for name in columns}, kinds)


def training(table: Table, validation: Any) -> Training:
    task = infer_task(table, "y")
    recipe = Recipe(
        network=NetworkSpec(layers=[Dense(units=3)]),
        training=TrainingSpec(epochs=1, batch_size=4096, seed=0),
        validation=validation,
    )
    return Training(outline(resolve(recipe, task), table, task), table)


@pytest.mark.parametrize("validation", [NoValidation(), Holdout(fraction=0.3)])
def test_data_elsewhere_train_to_the_same_weights(validation: Any) -> None:
    weights = []
    for table in tables(ROWS):
        run = training(table, validation)
        events = list(run.events())
        assert len(events) > 1
        weights.append(run.snapshot().weights_sha256)
    assert weights[0] == weights[1]


def test_a_training_has_its_inputs_in_memory_once() -> None:
    """What it holds is one matrix and the targets; what preparing it takes beside is little."""
    table, _ = tables(ROWS)
    training(tables(1000)[0], NoValidation())  # compiled beforehand
    size = ROWS * (FEATURES + 1) * 4
    task = infer_task(table, "y")
    recipe = Recipe(training=TrainingSpec(epochs=1, seed=0), validation=NoValidation())
    plan = outline(resolve(recipe, task), table, task)
    columns = table.columns
    assert isinstance(columns, Elsewhere)
    columns.longest = 0
    portion_bytes = 8 << 20
    assert peak_bytes(lambda: Training(plan, table)) < size + ROWS * 4 + portion_bytes
    assert columns.longest < ROWS / 4


def test_fitting_takes_some_columns_in_double_precision_at_most() -> None:
    table, _ = tables(ROWS)
    task = infer_task(table, "y")
    rows = np.arange(ROWS, dtype=np.uint32)
    fit = peak_bytes(lambda: Preprocessor.fit(Preprocessing(), table, task, rows))
    assert fit < 4 * 8 * ROWS


def test_statistics_are_those_of_all_rows() -> None:
    table, whole = tables(100_001)
    task = infer_task(whole, "y")
    rows = np.flatnonzero(np.arange(100_001) % 3).astype(np.uint32)
    fitted = Preprocessor.fit(Preprocessing(), table, task, rows)
    values = np.stack([whole.columns[f"x{place}"] for place in range(FEATURES)], axis=1)
    values = values.astype(np.float64)
    scaler = StandardScaler().fit(values[rows])
    found = fitted.transform(table, np.float64, rows)
    np.testing.assert_allclose(found, scaler.transform(values[rows]), rtol=1e-9, atol=1e-12)
    fills = [column.fill for column in fitted.numeric]
    assert fills == np.median(values[rows], axis=0).tolist()


def test_scaling_is_the_same_to_the_last_bit_as_in_one_go() -> None:
    """As NumPy has it in double precision, whatever the compiler could do faster."""
    table, whole = tables(70_000)
    fitted = Preprocessor.fit(Preprocessing(), whole, infer_task(whole, "y"), np.arange(70_000))
    expected = [
        (whole.columns[column.name].astype(np.float64) - column.offset) / column.scale
        for column in fitted.numeric
    ]
    found = fitted.transform(table, np.float64)
    np.testing.assert_array_equal(found, np.stack(expected, axis=1))
    single = fitted.transform(table, np.float32)
    np.testing.assert_array_equal(single, found.astype(np.float32))


def test_an_infinity_far_down_is_named_by_its_row() -> None:
    values = np.zeros(70_000)
    values[::2] = 1.0
    table = Table({"x": values, "y": values}, {"x": "float", "y": "float"})
    fitted = Preprocessor.fit(Preprocessing(), table, infer_task(table, "y"), np.arange(70_000))
    bad = values.copy()
    bad[69_999] = np.inf
    other = Table({"x": bad}, {"x": "float"})
    with pytest.raises(InvalidData, match="Row 69999, column 'x': the value is infinite"):
        fitted.transform(other)
    with pytest.raises(InvalidData, match="Row 69999"):
        fitted.transform(other, np.float32, np.array([3, 69_999], np.uint32))


def test_categories_are_counted_over_all_portions() -> None:
    count = 70_000
    codes = np.arange(count) % 7.0
    codes[-1] = 9.0
    table = Table({"c": codes, "y": codes}, {"c": "integer", "y": "float"})
    spec = Preprocessing(columns={"c": OneHot(max_categories=7)})
    fitted = Preprocessor.fit(spec, table, infer_task(table, "y"), np.arange(count))
    (column,) = fitted.categorical
    assert (column.categories, column.others) == (tuple(range(7)), True)
    assert fitted.transform(table).sum(axis=0).tolist() == [
        *np.bincount(codes[:-1].astype(int)).tolist(),
        1,
    ]


def test_the_variation_of_many_targets_is_that_of_all() -> None:
    targets = np.random.default_rng(0).standard_normal((2_500_000, 1)).astype(np.float32) + 3
    scale = Scale(np.ones(1), targets)
    assert scale.variation[0] == pytest.approx(targets.astype(np.float64).var() * len(targets))


def test_predictions_take_no_copy_of_the_inputs() -> None:
    table, whole = tables(ROWS)
    run = training(tables(2000)[1], NoValidation())
    made = run.outline
    model = Model.from_state(made.recipe, made.task, made.preprocessor, run.snapshot())
    model.predict(tables(2000)[0])  # compiled beforehand
    answers = 80 * ROWS  # a Python float and its place in a list, and the outputs themselves
    assert peak_bytes(lambda: model.predict(table)) < answers + (4 << 20)
    some = np.array([5, 70_000, 199_999])
    assert model.predict(whole, some).values == model.predict(table.take(some)).values


def test_prepared_rows_are_answered_as_raw_ones() -> None:
    _, table = tables(5000)
    run = training(table, NoValidation())
    made = run.outline
    model = Model.from_state(made.recipe, made.task, made.preprocessor, run.snapshot())
    x = made.preprocessor.transform(table)
    assert model.answers(model.outputs(x)).values == model.predict(table).values
