"""Looking into networks: gradient checks, landscapes, importance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import (
    SGD,
    Adam,
    Dense,
    Dropout,
    Model,
    NetworkSpec,
    NoValidation,
    Recipe,
    Table,
    TrainingSpec,
)
from engine.activations import ReLU, Tanh
from engine.insight.gradient_check import check_gradients
from engine.insight.importance import permutation_importance, sensitivity
from engine.insight.landscape import between, random_directions, slice_loss
from engine.kernels import Number
from engine.layers import BatchNorm, LayerNorm
from engine.losses import CrossEntropy, MeanSquaredError
from engine.metrics import LOSS, ROWS
from engine.program.program import Program
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import classes_table, gradient_program, run, targets_for

ACTIVATIONS = [example for member in members("activation") for example in examples(member)[:1]]


class Crooked(Tanh):
    """A tanh whose derivative is wrong; without a kind of its own it joins no family."""

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:  # noqa: ARG004
        return 1.01 - h * h


class TestGradientCheck:
    def check(self, program: Program, task: Any = "regression", **options: Any) -> Any:
        random = np.random.default_rng(0)
        x, targets = random.normal(size=(5, 3)), targets_for(task, random, 5)
        before = program.theta.copy()
        found = check_gradients(
            program, program.network, x, targets, step_key=np.uint64(1), **options
        )
        np.testing.assert_array_equal(program.theta, before)
        return {check.name: check for check in found}

    @pytest.mark.parametrize("activation", ACTIVATIONS, ids=titles(ACTIVATIONS))
    def test_nothing_is_found_in_what_is_right(self, activation: Any) -> None:
        layers = [Dense(units=4, activation=activation), BatchNorm(), Dropout(), LayerNorm()]
        program = gradient_program(
            [*layers, Dense(units=3, activation=Tanh())], task="binary", loss=CrossEntropy()
        )
        found = self.check(program, "binary")
        assert found.keys() == program.network.places.keys()
        for check in found.values():
            assert check.largest_relative_error < 1e-5, check

    def test_a_wrong_derivative_is_found_where_it_is(self) -> None:
        """Everything below it is wrong too; what is above is right."""
        layers = [Dense(units=4, activation=Tanh()), Dense(units=4, activation=Crooked())]
        program = gradient_program(
            [*layers, Dense(units=4, activation=Tanh())],
            task="regression",
            loss=MeanSquaredError(),
        )
        errors = {name: c.largest_relative_error for name, c in self.check(program).items()}
        for name, error in errors.items():
            assert (error > 1e-3) == name.startswith(("layers.0", "layers.1")), errors

    def test_says_what_both_ways_give(self) -> None:
        program = gradient_program(
            [Dense(units=4, activation=Crooked())], task="regression", loss=MeanSquaredError()
        )
        check = self.check(program)["layers.0.weight"]
        assert check.index is not None
        gradients = program.network.named(program.gradient)
        self.check(program)
        assert gradients["layers.0.weight"][check.index] == check.analytic
        scale = max(abs(check.analytic), abs(check.numeric))
        assert abs(check.analytic - check.numeric) / scale == check.largest_relative_error

    def test_large_blocks_are_sampled(self) -> None:
        program = gradient_program(
            [Dense(units=50, activation=Tanh())], task="regression", loss=MeanSquaredError()
        )
        found = self.check(program, most=20)
        assert [(c.checked, c.of) for c in found.values()] == [
            (20, 150),
            (20, 50),
            (20, 50),
            (1, 1),
        ]
        assert self.check(program, most=20) == found, "the same sample for the same seed"

    def test_a_kink_is_no_error(self) -> None:
        """A ReLU exactly at zero has a slope on either side, and no derivative."""
        program = gradient_program(
            [Dense(units=2, activation=ReLU())], task="regression", loss=MeanSquaredError()
        )
        program.network.named(program.theta)["layers.0.weight"][0] = 0
        program.network.named(program.theta)["layers.0.bias"][0] = 0
        found = self.check(program)
        assert found["layers.0.bias"].kinks == 1
        assert all(check.largest_relative_error < 1e-6 for check in found.values())


def landscape_program() -> tuple[Program, NDArray[np.float64], NDArray[np.float64]]:
    program = gradient_program(
        [Dense(units=4, activation=Tanh()), BatchNorm()],
        task="multiclass",
        loss=CrossEntropy(),
        capacity=8,
    )
    random = np.random.default_rng(2)
    return program, random.normal(size=(20, 3)), targets_for("multiclass", random, 20)


def mean_loss(program: Program, x: Any, targets: Any) -> float:
    totals = program.totals()
    program.evaluate(x, targets, totals)
    return float(totals[LOSS] / totals[ROWS])


class TestLandscape:
    @pytest.mark.parametrize("count", [1, 2])
    def test_zero_is_the_network_itself(self, count: int) -> None:
        program, x, targets = landscape_program()
        theta, here = program.theta.copy(), mean_loss(program, x, targets)
        directions = random_directions(program.network, theta, count, seed=1)
        found = slice_loss(program, x, targets, directions, np.linspace(-1, 1, 5))
        assert found.losses.shape == (5,) * count
        assert found.losses[(2,) * count] == here
        np.testing.assert_array_equal(program.theta, theta)

    def test_every_point_is_the_loss_there(self) -> None:
        program, x, targets = landscape_program()
        theta = program.theta.copy()
        first, second = random_directions(program.network, theta, 2, seed=1)
        positions = np.array([-0.5, 0.0, 2.0])
        found = slice_loss(program, x, targets, [first, second], positions)
        for i, a in enumerate(positions):
            for j, b in enumerate(positions):
                program.theta[:] = theta + a * first + b * second
                assert found.losses[i, j] == pytest.approx(mean_loss(program, x, targets), rel=1e-9)

    def test_directions_are_as_long_as_the_weights_of_each_unit(self) -> None:
        program, _, _ = landscape_program()
        (direction,) = random_directions(program.network, program.theta, 1, seed=3)
        weights = {place.name for place in program.network.weights}
        for name, place in program.network.places.items():
            if name in weights:
                length = np.linalg.norm(place.view(program.theta), axis=1)
                found = np.linalg.norm(place.view(direction), axis=1)
                np.testing.assert_allclose(found, length, rtol=1e-12)
            else:
                assert not place.view(direction).any()

    def test_from_one_network_to_another(self) -> None:
        program, x, targets = landscape_program()
        other = np.random.default_rng(5).normal(size=program.theta.size)
        here = mean_loss(program, x, targets)
        found = slice_loss(program, x, targets, between(program.theta, other), np.array([0.0, 1.0]))
        program.theta[:] = other
        there = mean_loss(program, x, targets)
        np.testing.assert_allclose(found.losses, [here, there], rtol=1e-12)

    def test_a_loss_beyond_all_numbers_is_not_a_number(self) -> None:
        program, x, targets = landscape_program()
        directions = [np.full_like(program.theta, 1e300)]
        found = slice_loss(program, x, targets, directions, np.array([0.0, 1.0]))
        assert np.isfinite(found.losses[0])
        assert np.isnan(found.losses[1])


def listening_model() -> tuple[Model, Table, NDArray[np.float64], NDArray[np.float64]]:
    """y depends on a strongly, on b weakly, on the noise column not at all; and it has a group."""
    random = np.random.default_rng(7)
    a, b, noise = random.normal(size=(3, 600))
    group = random.integers(0, 3, 600)
    y = 3 * a - 0.5 * b + np.array([0.0, 1.0, 2.0])[group]
    columns = {"a": a, "noise": noise, "b": b, "group": [f"g{k}" for k in group], "y": y}
    table = Table.from_columns(columns)
    recipe = Recipe(
        network=NetworkSpec(),
        optimizer=Adam(learning_rate=0.05),
        training=TrainingSpec(epochs=200, batch_size=200, seed=0, precision="float64"),
        validation=NoValidation(),
    )
    finished = run(recipe, table)
    o = finished.training.outline
    model = Model.from_state(o.recipe, o.task, o.preprocessor, finished.state)
    return model, table, o.preprocessor.transform(table, np.float64), y


class TestImportance:
    def test_a_column_of_pure_noise_has_none(self) -> None:
        model, _, x, y = listening_model()
        features = model.preprocessor.features_of

        def score(rows: NDArray[Any]) -> float:
            """R2 of the model's answers, in the target's own units."""
            answers = model.preprocessor.decode(model._program.predict(rows)[:, 0])
            return 1 - float(((answers - y) ** 2).sum() / ((y - y.mean()) ** 2).sum())

        found = permutation_importance(score, x, features, list(features), repeats=5, seed=0)
        assert [importance.column for importance in found] == ["a", "group", "b", "noise"]
        means = {importance.column: importance.mean for importance in found}
        assert abs(means["noise"]) < 1e-6
        assert means["a"] > 1
        # Shuffling a column of a linear model costs twice its share of the variance.
        np.testing.assert_allclose(means["b"], 2 * (0.5**2 * 1) / y.var(), rtol=0.2)
        assert permutation_importance(score, x, features, ["b"], repeats=5, seed=0)[0] == next(
            importance for importance in found if importance.column == "b"
        )

    def test_the_slope_of_a_linear_model_is_its_weight(self) -> None:
        model, _, x, _ = listening_model()
        features = model.preprocessor.features_of
        found = sensitivity(model._program.predict, x, features, ["a", "b", "noise"])
        (weights,) = model.weights()["output.weight"]
        for each in found:
            weight = weights[features[each.column]][0]
            assert each.slope[0] == pytest.approx(weight, rel=1e-6, abs=1e-9)
            assert each.magnitude[0] == pytest.approx(abs(weight), rel=1e-6, abs=1e-9)


def test_looking_changes_nothing() -> None:
    """A trained network predicts the same after all of the above was done to it."""
    finished = run(
        Recipe(training=TrainingSpec(epochs=3, seed=0, precision="float64")), classes_table()
    )
    o = finished.training.outline
    program = Program(
        o.network,
        loss=CrossEntropy(),
        task="multiclass",
        dtype=np.dtype("float64"),
        capacity=40,
        optimizer=SGD(),
    )
    program.theta[:] = finished.state.theta
    x = np.random.default_rng(0).normal(size=(10, 3))
    targets = targets_for("multiclass", np.random.default_rng(1), 10)
    before = program.predict(x)
    check_gradients(program, o.network, x, targets, step_key=np.uint64(0))
    directions = random_directions(o.network, program.theta, 2, seed=0)
    slice_loss(program, x, targets, directions, np.array([-1.0, 1.0]))
    np.testing.assert_array_equal(program.predict(x), before)
