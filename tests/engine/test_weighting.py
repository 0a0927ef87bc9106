"""Weights of rows and classes: what a factor means, in gradients and in whole runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight

from engine import (
    SGD,
    Dense,
    EngineError,
    InvalidData,
    InvalidSpec,
    NetworkSpec,
    NoValidation,
    Recipe,
    Table,
    TrainingSpec,
    TrainingState,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Tanh
from engine.data.weighting import Weighting, row_weights
from tests.conformance.examples import examples, members
from tests.engine.samples import classes_table, gradient_program, regression_table, run, targets_for

UNEVEN = np.repeat([0, 1, 2], [25, 10, 5])
LOSSES = [
    (task, example)
    for member in members("loss")
    for example in examples(member)[:2]
    for task in member.tasks
]


def uneven(labels: Any) -> Table:
    table = regression_table()
    return Table.from_columns({**table.columns, "y": [labels[k] for k in UNEVEN]})


def weights_of(weighting: Weighting, table: Table) -> NDArray[np.float64]:
    return row_weights(weighting, table, infer_task(table, "y"), np.arange(table.rows))


class TestClasses:
    @pytest.mark.parametrize("labels", [["c", "a", "b"], [7, 3, 5]])
    def test_balanced_is_what_scikit_learn_computes(self, labels: Any) -> None:
        table = uneven(labels)
        values = np.array([labels[k] for k in UNEVEN])
        expected = compute_class_weight("balanced", classes=np.unique(values), y=values)
        by_row = expected[np.searchsorted(np.unique(values), values)]
        np.testing.assert_allclose(weights_of(Weighting(classes="balanced"), table), by_row)

    def test_balanced_classes_count_alike(self) -> None:
        weights = weights_of(Weighting(classes="balanced"), uneven(["a", "b", "c"]))
        np.testing.assert_allclose(np.bincount(UNEVEN, weights), 40 / 3)

    @pytest.mark.parametrize("labels", [["a", "b", "c"], [7, 3, 5], [0.5, 1.5, 2.5]])
    def test_given_by_label(self, labels: Any) -> None:
        table = uneven(labels)
        if isinstance(labels[0], float):
            task = infer_task(table, "y", "classification")
        else:
            task = infer_task(table, "y")
        text = [label if isinstance(label, str) else json.dumps(label) for label in labels]
        given = Weighting(classes="given", class_weights={text[1]: 3.0, text[2]: 0.0})
        found = row_weights(given, table, task, np.arange(40))
        raw = np.array([1.0, 3.0, 0.0])[UNEVEN]
        np.testing.assert_allclose(found, raw / raw.mean())

    def test_booleans_are_given_as_json_writes_them(self) -> None:
        table = Table.from_columns({"x": list(range(4)), "y": [True, False, False, False]})
        given = Weighting(classes="given", class_weights={"true": 3.0})
        np.testing.assert_allclose(weights_of(given, table), np.array([3, 1, 1, 1]) / 1.5)


def test_all_alike_is_no_weight_at_all() -> None:
    assert weights_of(Weighting(), regression_table()).size == 0


def test_a_column_and_classes_multiply() -> None:
    table = uneven(["a", "b", "c"])
    column = np.linspace(0, 1, 40)
    table = Table.from_columns({**table.columns, "w": column})
    both = weights_of(Weighting(classes="balanced", column="w"), table)
    raw = weights_of(Weighting(classes="balanced"), table) * column
    np.testing.assert_allclose(both, raw / raw.mean())
    assert both.mean() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("task", "loss"), LOSSES, ids=[f"{n}-{t}" for n, (t, _) in enumerate(LOSSES)]
)
class TestGradients:
    """On a full batch of every loss; weights are given as they are, without a mean of 1."""

    def step(self, task: Any, loss: Any, rows: list[int], weights: list[float]) -> Any:
        """Sum of losses, and dL/dtheta times the number of rows."""
        random = np.random.default_rng(8)
        x, targets = random.normal(size=(4, 3)), targets_for(task, random, 4)
        program = gradient_program(
            [Dense(units=3, activation=Tanh())], task=task, loss=loss, capacity=8, batch_size=8
        )
        totals = program.totals()
        done = program.train(
            x[rows],
            targets[rows],
            np.arange(len(rows)),
            position=0,
            step=0,
            rates=np.zeros(1),
            run_key=np.uint64(0),
            totals=totals,
            weights=np.array(weights),
        )
        assert done == 1
        return totals[0], program.gradient * len(rows)

    def test_a_weight_of_two_is_the_row_twice(self, task: Any, loss: Any) -> None:
        loss_once, once = self.step(task, loss, [0, 1, 2, 3], [1, 2, 1, 1])
        loss_twice, twice = self.step(task, loss, [0, 1, 1, 2, 3], [1] * 5)
        assert loss_once == pytest.approx(loss_twice, rel=1e-12)
        np.testing.assert_allclose(once, twice, rtol=1e-11, atol=1e-14)

    def test_a_weight_of_zero_is_absence(self, task: Any, loss: Any) -> None:
        loss_with, with_it = self.step(task, loss, [0, 1, 2, 3], [1, 0, 1, 1])
        loss_without, without = self.step(task, loss, [0, 2, 3], [1] * 3)
        assert loss_with == pytest.approx(loss_without, rel=1e-12)
        np.testing.assert_allclose(with_it, without, rtol=1e-11, atol=1e-14)

    def test_weights_of_one_change_no_bit(self, task: Any, loss: Any) -> None:
        loss_with, with_them = self.step(task, loss, [0, 1, 2, 3], [1] * 4)
        loss_without, without = self.step(task, loss, [0, 1, 2, 3], [])
        assert loss_with == loss_without
        np.testing.assert_array_equal(with_them, without)


def recipe(**options: Any) -> Recipe:
    chosen: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=4, activation=Tanh())]),
        "optimizer": SGD(learning_rate=0.1, momentum=0.5),
        "training": TrainingSpec(epochs=20, batch_size=1000, seed=1, precision="float64"),
        "validation": NoValidation(),
    }
    return Recipe(**(chosen | options))


def end(recipe: Recipe, table: Table, state: TrainingState | None = None) -> NDArray[Any]:
    theta: NDArray[Any] = run(recipe, table, state).state.theta
    return theta


class TestRuns:
    """Whole numbers as weights are repetitions, all the way; the preprocessing sees each row."""

    def test_repeated_rows(self) -> None:
        random = np.random.default_rng(3)
        times = random.integers(1, 4, 40)
        table = classes_table(40)
        weighted = Table.from_columns({**table.columns, "w": times.astype(float)})
        repeated = table.take(np.repeat(np.arange(40), times))
        plain = recipe(preprocessing=replace(recipe().preprocessing, numeric=raw_numbers()))
        np.testing.assert_allclose(
            end(replace(plain, weighting=Weighting(column="w")), weighted),
            end(plain, repeated),
            rtol=1e-10,
            atol=1e-13,
        )

    def test_the_column_is_no_input(self) -> None:
        table = regression_table()
        weighted = Table.from_columns({**table.columns, "w": np.full(40, 7.0)})
        with_weights = recipe(weighting=Weighting(column="w"))
        assert run(with_weights, weighted).training.outline.preprocessor.feature_names == [
            "x0",
            "x1",
            "x2",
        ]
        np.testing.assert_allclose(end(with_weights, weighted), end(recipe(), table), rtol=1e-12)

    def test_balance_helps_the_rare_class(self) -> None:
        random = np.random.default_rng(0)
        rare = np.arange(200) % 20 == 0
        x = random.normal(size=200) + 1.2 * rare
        table = Table.from_columns({"x": x, "y": ["rare" if r else "common" for r in rare]})
        found = []
        for weighting in (Weighting(), Weighting(classes="balanced")):
            options = recipe(network=NetworkSpec(), weighting=weighting)
            longer = replace(options, training=replace(options.training, epochs=300))
            finished = run(longer, table)
            weight, bias = finished.state.theta
            z = (x - x.mean()) / x.std() * weight + bias
            found.append(float((z[rare] >= 0).mean()))
        assert found[0] < 0.3
        assert found[1] > 0.6

    def test_validation_rows_may_all_weigh_nothing(self) -> None:
        """They are not weighed at all."""
        table = regression_table()
        held = recipe(validation=Recipe().validation)
        rows = run(held, table).training.outline.split.validation_indices
        weights = np.ones(40)
        weights[rows] = 0.0
        weighted = Table.from_columns({**table.columns, "w": weights})
        found = end(replace(held, weighting=Weighting(column="w")), weighted)
        np.testing.assert_array_equal(found, end(held, table))

    def test_weights_matter_in_mini_batches_too(self) -> None:
        table = uneven(["a", "b", "c"])
        small = replace(recipe().training, batch_size=8)
        balanced = recipe(training=small, weighting=Weighting(classes="balanced"))
        assert (end(balanced, table) != end(recipe(training=small), table)).any()

    def test_validation_counts_every_row_once(self) -> None:
        """A learning rate too small to move anything: only the training loss can differ."""
        still = {"optimizer": SGD(learning_rate=1e-300), "validation": Recipe().validation}
        table = uneven(["a", "b", "c"])
        plain, balanced = (
            run(recipe(weighting=weighting, **still), table).epochs[0]
            for weighting in (Weighting(), Weighting(classes="balanced"))
        )
        assert plain.validation == balanced.validation
        assert plain.train["loss"] != balanced.train["loss"]
        assert plain.train["accuracy"] == balanced.train["accuracy"]


def raw_numbers() -> Any:
    """Numeric columns as they are, so that repetitions do not move their mean."""
    spec = type(Recipe().preprocessing.numeric)
    return spec(scale="none")


BAD = regression_table()
TEXT = Table.from_columns({**BAD.columns, "w": ["a"] * 40})
NEGATIVE = Table.from_columns({**BAD.columns, "w": [1.0] * 39 + [-1.0]})
MISSING = Table.from_columns({**BAD.columns, "w": [1.0] * 38 + [float("nan"), 1.0]})
NOTHING = Table.from_columns({**BAD.columns, "w": np.zeros(40)})


class TestRefusals:
    @pytest.mark.parametrize(
        ("weighting", "table", "error", "pointer", "message"),
        [
            (Weighting(column="v"), BAD, InvalidSpec, "/weighting/column", "no column 'v'"),
            (Weighting(column="y"), BAD, InvalidSpec, "/weighting/column", "no column 'y'"),
            (Weighting(column="w"), TEXT, InvalidData, "/weighting/column", "holds text"),
            (Weighting(column="w"), NEGATIVE, InvalidData, "/weighting/column", "Row 39"),
            (Weighting(column="w"), MISSING, InvalidData, "/weighting/column", "Row 38"),
            (Weighting(column="w"), NOTHING, InvalidSpec, "/weighting", "weight of 0"),
            (
                Weighting(classes="balanced"),
                BAD,
                InvalidSpec,
                "/weighting/classes",
                "no classes",
            ),
            (
                Weighting(classes="given", class_weights={"pink": 2.0}),
                classes_table(),
                InvalidSpec,
                "/weighting/class_weights",
                "'pink'",
            ),
        ],
    )
    def test_what_does_not_fit_the_data(
        self,
        weighting: Weighting,
        table: Table,
        error: type[EngineError],
        pointer: str,
        message: str,
    ) -> None:
        task = infer_task(table, "y")
        with pytest.raises(error, match=message) as caught:
            outline(resolve(recipe(weighting=weighting), task), table, task)
        assert getattr(caught.value, "pointer", None) == pointer

    @pytest.mark.parametrize(
        "options",
        [
            {"classes": "given"},
            {"class_weights": {"a": 1.0}},
            {"classes": "balanced", "class_weights": {"a": 1.0}},
        ],
    )
    def test_given_weights_and_the_word_given_belong_together(self, options: Any) -> None:
        with pytest.raises(InvalidSpec) as caught:
            Weighting(**options)
        assert caught.value.pointer == "/class_weights"

    def test_a_negative_class_weight(self) -> None:
        with pytest.raises(InvalidSpec, match="at least 0"):
            Weighting(classes="given", class_weights={"a": -1.0})
