"""Regularizers against closed forms and scikit-learn, through whole training runs."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from engine import SGD, Model, NetworkSpec, NoValidation, Recipe, TrainingSpec
from engine.activations import Tanh
from engine.kernels import compiled
from engine.layers import Dense
from engine.regularizers import L2
from tests.engine.samples import classes_table, regression_table, run


def linear_model(strength: float, table: object, epochs: int, rate: float) -> Model:
    """No hidden layer, full batches, plain gradient descent, in float64."""
    recipe = Recipe(
        network=NetworkSpec(),
        optimizer=SGD(learning_rate=rate, momentum=0.9),
        regularizers=[L2(strength=strength)] if strength else [],
        training=TrainingSpec(epochs=epochs, batch_size=1000, seed=0, precision="float64"),
        validation=NoValidation(),
    )
    finished = run(recipe, table)  # type: ignore[arg-type]
    outline = finished.training.outline
    return Model.from_state(outline.recipe, outline.task, outline.preprocessor, finished.state)


@pytest.mark.parametrize("strength", [0.0, 0.01, 0.3])
def test_linear_regression_is_ridge_regression(strength: float) -> None:
    """mean (y - Xw - b)^2 + lambda |w|^2 is scikit-learn's objective with alpha = n lambda."""
    table = regression_table(rows=50, features=4)
    x = np.column_stack([table.columns[f"x{j}"] for j in range(4)])
    y = table.columns["y"]
    scaled, target = StandardScaler().fit_transform(x), (y - y.mean()) / y.std()
    peer = Ridge(alpha=50 * strength, tol=1e-12) if strength else LinearRegression()
    peer.fit(scaled, target)
    model = linear_model(strength, table, epochs=1500, rate=0.05)
    weights = model.weights()
    np.testing.assert_allclose(weights["output.weight"][0], peer.coef_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(weights["output.bias"], peer.intercept_, atol=1e-10)
    expected = peer.predict(scaled) * y.std() + y.mean()
    values = np.array(model.predict(table).values, float)
    np.testing.assert_allclose(values, expected, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("strength", [0.003, 0.1])
def test_logistic_regression_is_that_of_scikit_learn(classes: int, strength: float) -> None:
    """mean cross-entropy + lambda |w|^2 is its objective with C = 1 / (2 n lambda)."""
    table = classes_table(rows=60, classes=classes, features=3)
    x = np.column_stack([table.columns[f"x{j}"] for j in range(3)])
    scaled = StandardScaler().fit_transform(x)
    peer = LogisticRegression(C=1 / (2 * 60 * strength), tol=1e-12, max_iter=10_000)
    peer.fit(scaled, table.columns["y"].astype(str))
    model = linear_model(strength, table, epochs=4000, rate=0.5)
    assert model.task.classes == tuple(peer.classes_)
    weights = model.weights()["output.weight"]
    np.testing.assert_allclose(weights, peer.coef_, rtol=1e-5, atol=1e-6)
    prediction = model.predict(table)
    assert prediction.probabilities is not None
    np.testing.assert_allclose(prediction.probabilities, peer.predict_proba(scaled), atol=1e-6)
    assert prediction.values == peer.predict(scaled).tolist()


def test_one_step_of_decay_by_hand() -> None:
    """With a gradient of zero only the penalty moves a weight: w <- w - eta 2 lambda w."""
    theta, gradient = np.array([4.0, -2.0, 8.0]), np.zeros(3)
    decay = L2(strength=0.25)
    compiled(decay.transform_gradient())(
        theta, gradient, np.array([[0, 2, 2]]), np.array(decay.constants())
    )
    assert gradient.tolist() == [2.0, -1.0, 0.0]
    assert L2(strength=0.25).value(theta[:2]) == 5.0


def test_a_stronger_penalty_leaves_smaller_weights() -> None:
    table = regression_table()
    norms = []
    for strength in (0.0, 1e-3, 1e-1):
        recipe = Recipe(
            network=NetworkSpec(layers=[Dense(units=8, activation=Tanh())]),
            regularizers=[L2(strength=strength)],
            training=TrainingSpec(epochs=100, batch_size=8, seed=1, precision="float64"),
        )
        finished = run(recipe, table)
        network = finished.training.outline.network
        norms.append(sum(float((p.view(finished.state.theta) ** 2).sum()) for p in network.weights))
    assert norms[0] > norms[1] > norms[2]
