"""Several targets at once: numbers of different sizes, and labels that may go together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from engine import (
    Dense,
    InvalidData,
    InvalidSpec,
    KFold,
    Model,
    NetworkSpec,
    NoValidation,
    Preprocessor,
    Recipe,
    Table,
    Task,
    TrainingSpec,
    infer_task,
    resolve,
)
from engine.activations import Softmax, Tanh
from engine.data.weighting import Weighting
from engine.losses import Hinge
from engine.optimizers import LBFGS
from engine.training.cross_validation import FoldEnd
from engine.training.runs import start
from tests.engine.samples import labels_table, quantities_table, regression_table, run

LAYERS = NetworkSpec(layers=[Dense(units=6, activation=Tanh())])
SHAPE = TrainingSpec(epochs=40, batch_size=1000, seed=4, precision="float64")
RECIPE = Recipe(network=LAYERS, optimizer=LBFGS(), training=SHAPE, validation=NoValidation())
NUMBERS = Task("regression", ("y", "y2"))
LABELS = Task("multilabel", ("y", "y2"), (False, True))


def trained(table: Table) -> tuple[Model, Any]:
    found = run(RECIPE, table)
    made = found.training.outline
    return Model.from_state(made.recipe, made.task, made.preprocessor, found.state), found


class TestInference:
    def test_two_values_everywhere_are_labels_and_others_numbers(self) -> None:
        assert infer_task(labels_table(), ["y", "y2"]) == LABELS
        assert infer_task(quantities_table(), ["y", "y2"]) == NUMBERS
        bits = Table.from_columns({"a": [0, 1, 1], "b": [1, 0, 1]})
        assert infer_task(bits, ["a", "b"]).kind == "multilabel"
        assert infer_task(bits, ["a", "b"], "regression").kind == "regression"
        flags = Table.from_columns({"a": [True, False], "b": [False, True]})
        assert infer_task(flags, ["a", "b"], "regression").kind == "regression"
        words = Table.from_columns({"a": ["no", "yes"], "b": ["yes", "no"]})
        assert infer_task(words, ["b", "a"]) == Task("multilabel", ("b", "a"), ("no", "yes"))

    @pytest.mark.parametrize(
        ("columns", "kind", "pointer"),
        [
            ({"a": ["p", "q"], "b": ["p", "r"]}, None, "/targets/1"),
            ({"a": [1.0, 2.0], "b": ["p", "r"]}, None, "/targets/1"),
            ({"a": [True, False], "b": ["p", "r"]}, None, "/targets/1"),
            ({"a": [1, 2, 3], "b": [1, 2, 3]}, "classification", "/targets/0"),
            ({"a": ["p", "q"], "b": ["p", "q"]}, "regression", "/targets/0"),
            ({"a": [1.0, 2.0], "b": [1.0, 1.0]}, None, "/targets/1"),
            ({"a": [1.0, 2.0], "c": [1.0, 2.0]}, None, "/targets/1"),
        ],
    )
    def test_what_does_not_go_together_is_refused(
        self, columns: Any, kind: Any, pointer: str
    ) -> None:
        with pytest.raises(InvalidData) as caught:
            infer_task(Table.from_columns(columns), ["a", "b"], kind)
        assert caught.value.pointer == pointer

    def test_json_round_trip(self) -> None:
        one = Task("binary", ("y",), ("a", "b"))
        assert one.to_json() == {"kind": "binary", "target": "y", "classes": ["a", "b"]}
        assert all(Task.from_json(task.to_json()) == task for task in (one, NUMBERS, LABELS))


class TestNumbers:
    def test_each_is_learnt_in_its_own_scale_and_told_in_its_own_unit(self) -> None:
        table = quantities_table()
        model, found = trained(table)
        truth = np.stack([table.columns["y"], table.columns["y2"]], axis=1)
        answers = np.array(model.predict(table).values)
        assert answers.shape == (40, 2)
        each = metrics.r2_score(truth, answers, multioutput="raw_values")
        assert each.min() > 0.9
        assert found.epochs[-1].train["loss"] < 0.05

    def test_metrics_are_the_means_over_targets_by_scikit_learn(self) -> None:
        table = quantities_table()
        whole = run(
            Recipe(
                network=LAYERS,
                training=TrainingSpec(epochs=1, batch_size=7, seed=4, precision="float64"),
            ),
            table,
        )
        made = whole.training.outline
        held = made.split.validation_indices
        model = Model.from_state(made.recipe, made.task, made.preprocessor, whole.state)
        truth = np.stack([table.columns["y"], table.columns["y2"]], axis=1)[held]
        answers = np.array(model.predict(table.take(held)).values)
        told = whole.epochs[-1].validation
        assert told is not None
        assert told["r2"] == pytest.approx(metrics.r2_score(truth, answers))
        assert told["mae"] == pytest.approx(metrics.mean_absolute_error(truth, answers))

    def test_a_network_without_hidden_layers_solves_each_as_if_it_were_alone(self) -> None:
        table = quantities_table()
        linear = Recipe(optimizer=LBFGS(), training=SHAPE, validation=NoValidation())
        both = run(linear, table)
        weights = both.training.outline.network.named(both.state.theta)["output.weight"]
        for place, name in enumerate(("y", "y2")):
            columns = {k: v for k, v in table.columns.items() if not k.startswith("y")}
            alone = run(linear, Table.from_columns({**columns, "y": table.columns[name]}))
            own = alone.training.outline.network.named(alone.state.theta)["output.weight"]
            np.testing.assert_allclose(weights[place], own[0], atol=1e-6)

    def test_rows_that_lack_one_of_them_are_left_out(self) -> None:
        table = quantities_table()
        table.columns["y"][3], table.columns["y2"][7] = np.nan, np.nan
        made = run(RECIPE, table).training.outline
        assert sorted(set(range(40)) - set(made.split.train_indices)) == [3, 7]
        assert "2 rows have no value in the targets 'y', 'y2'" in made.plan.warnings[0]

    def test_what_was_fitted_survives_a_round_trip_also_of_old_records(self) -> None:
        made = run(RECIPE, quantities_table()).training.outline.preprocessor
        again = Preprocessor.from_json(made.to_json())
        assert again.target_scales == made.target_scales
        alone = run(RECIPE, regression_table()).training.outline.preprocessor
        kept = alone.to_json()
        (kept["target_scale"],) = kept.pop("target_scales")
        assert Preprocessor.from_json(kept).target_scales == alone.target_scales

    def test_a_target_that_never_changes_is_named(self) -> None:
        table = quantities_table()
        with pytest.raises(InvalidData, match="'y2' is 1 in every") as caught:
            infer_task(Table.from_columns({**table.columns, "y2": np.ones(40)}), ["y", "y2"])
        assert caught.value.column == "y2"


class TestLabels:
    def test_any_combination_can_be_the_answer(self) -> None:
        table = labels_table(200)
        model, _ = trained(table)
        answers = model.predict(table)
        assert answers.probabilities is not None
        assert answers.probabilities.shape == (200, 2)
        assert answers.values == (answers.probabilities >= 0.5).tolist()
        assert {tuple(row) for row in np.array(answers.values)} == {
            (a, b) for a in (False, True) for b in (False, True)
        }
        truth = np.stack([table.columns["y"], table.columns["y2"]], axis=1).astype(bool)
        assert metrics.accuracy_score(truth, np.array(answers.values)) > 0.75

    def test_accuracy_counts_rows_that_are_all_right(self) -> None:
        table = labels_table()
        found = run(Recipe(network=LAYERS, training=SHAPE), table)
        made = found.training.outline
        held = made.split.validation_indices
        model = Model.from_state(made.recipe, made.task, made.preprocessor, found.state)
        truth = made.task.codes(table, held)
        answers = np.array(model.predict(table.take(held)).values).astype(int)
        told = found.epochs[-1].validation
        assert told is not None
        assert told["accuracy"] == pytest.approx(metrics.accuracy_score(truth, answers))
        assert 0 < told["accuracy"] < 1

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"loss": Hinge()}, "/loss"),
            ({"network": NetworkSpec(output_activation=Softmax())}, "/network/output_activation"),
            ({"weighting": Weighting(classes="balanced")}, "/weighting/classes"),
        ],
    )
    def test_what_needs_a_single_class_is_refused(self, wrong: Any, pointer: str) -> None:
        with pytest.raises(InvalidSpec) as caught:
            resolve(Recipe(**wrong), LABELS)
        assert caught.value.pointer == pointer


@pytest.mark.parametrize("table", [quantities_table(), labels_table()])
def test_folds_tell_truth_and_answers_of_every_target(table: Table) -> None:
    task = infer_task(table, ["y", "y2"])
    recipe = resolve(Recipe(network=LAYERS, training=SHAPE, validation=KFold(folds=3)), task)
    ended = [event for event in start(recipe, table, task).events() if isinstance(event, FoldEnd)]
    rows = np.concatenate([fold.rows for fold in ended])
    assert sorted(rows) == list(range(40))
    truth = np.concatenate([fold.truth for fold in ended])
    wanted = np.stack([table.columns["y"], table.columns["y2"]], axis=1)[rows]
    np.testing.assert_array_equal(truth, wanted)
    assert all(np.shape(fold.prediction.values) == fold.truth.shape for fold in ended)
