"""Models: raw rows in, answers out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from engine import (
    Adam,
    Dense,
    InvalidData,
    InvalidState,
    Model,
    NetworkSpec,
    Preprocessor,
    Recipe,
    Table,
    TrainingSpec,
)
from engine.activations import Sigmoid, Tanh
from tests.engine.samples import Run, classes_table, regression_table, run


def trained(table: Table, **options: Any) -> tuple[Run, Model]:
    chosen: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=4, activation=Tanh())]),
        "optimizer": Adam(learning_rate=0.05),
    }
    recipe = Recipe(
        training=TrainingSpec(epochs=30, batch_size=8, seed=0, precision="float64"),
        **(chosen | options),
    )
    finished = run(recipe, table)
    o = finished.training.outline
    return finished, Model.from_state(o.recipe, o.task, o.preprocessor, finished.state)


def test_a_prediction_by_hand() -> None:
    """Standardize, W, tanh, W, back to the target's units; nothing of the engine but weights."""
    table = regression_table()
    finished, model = trained(table)
    held_in = table.take(finished.training.outline.split.train_indices)
    x = np.column_stack([table.columns[f"x{j}"] for j in range(3)])
    known = np.column_stack([held_in.columns[f"x{j}"] for j in range(3)])
    h = (x - known.mean(axis=0)) / known.std(axis=0)
    weights = model.weights()
    h = np.tanh(h @ weights["layers.0.weight"].T + weights["layers.0.bias"])
    y = h @ weights["output.weight"].T + weights["output.bias"]
    expected = y[:, 0] * held_in.columns["y"].std() + held_in.columns["y"].mean()
    prediction = model.predict(table)
    np.testing.assert_allclose(np.array(prediction.values, float), expected, rtol=1e-12)
    assert (prediction.probabilities, prediction.classes) == (None, ())


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_come_with_probabilities(classes: int) -> None:
    table = classes_table(classes=classes)
    _, model = trained(table)
    prediction = model.predict(table)
    assert prediction.classes == tuple(sorted(set(table.columns["y"])))
    assert prediction.probabilities is not None
    assert prediction.probabilities.shape == (40, classes)
    np.testing.assert_allclose(prediction.probabilities.sum(axis=1), 1.0, rtol=1e-12)
    best = [prediction.classes[k] for k in prediction.probabilities.argmax(axis=1)]
    assert prediction.values == best
    accuracy = np.mean(np.array(best) == table.columns["y"])
    assert accuracy > 0.6


def test_an_output_activation_is_applied() -> None:
    _, model = trained(regression_table(), network=NetworkSpec(output_activation=Sigmoid()))
    ((offset, scale),) = model.preprocessor.target_scales
    values = np.array(model.predict(regression_table()).values, float)
    assert (((values - offset) / scale) >= 0).all()
    assert (((values - offset) / scale) <= 1).all()


def test_one_row_is_answered_as_among_many() -> None:
    """More rows than go through together, and a single one of them."""
    _, model = trained(regression_table())
    many = regression_table(1000, seed=5)
    values = model.predict(many).values
    for row in (0, 255, 256, 999):
        (alone,) = model.predict(many.take(np.array([row]))).values
        assert alone == pytest.approx(values[row], rel=1e-12)


def test_the_target_is_not_needed() -> None:
    table = regression_table()
    _, model = trained(table)
    without = table.select(["x2", "x0", "x1"])
    assert model.predict(without).values == model.predict(table).values


def test_a_missing_column_is_named() -> None:
    table = regression_table()
    _, model = trained(table)
    with pytest.raises(InvalidData) as caught:
        model.predict(table.select(["x0", "x1"]))
    assert caught.value.column == "x2"


def test_weights_by_name_and_as_a_file() -> None:
    _, model = trained(regression_table())
    weights: dict[str, Any] = load(model.to_bytes())
    assert weights.keys() == {"layers.0.weight", "layers.0.bias", "output.weight", "output.bias"}
    for name, values in model.weights().items():
        np.testing.assert_array_equal(weights[name], values)


def test_a_model_survives_storage() -> None:
    """What is stored of it: the recipe, the task, the preprocessing as JSON, the state."""
    table = classes_table()
    finished, model = trained(table)
    o = finished.training.outline
    preprocessor = Preprocessor.from_json(o.preprocessor.to_json())
    again = Model.from_state(o.recipe, o.task, preprocessor, finished.state)
    ours, theirs = model.predict(table).probabilities, again.predict(table).probabilities
    assert ours is not None
    assert theirs is not None
    np.testing.assert_array_equal(ours, theirs)


def test_weights_of_another_network_are_refused() -> None:
    finished, _ = trained(regression_table())
    other, _ = trained(regression_table(features=2))
    o = finished.training.outline
    with pytest.raises(InvalidState):
        Model.from_state(o.recipe, o.task, o.preprocessor, other.state)


def test_threads_may_share_a_model() -> None:
    _, model = trained(regression_table())
    tables = [regression_table(300, seed=seed) for seed in range(8)]
    expected = [model.predict(table).values for table in tables]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(5):
            assert [p.values for p in pool.map(model.predict, tables)] == expected
