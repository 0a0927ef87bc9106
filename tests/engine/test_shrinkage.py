"""Regularizers that select or confine: L1 and elastic net against scikit-learn, norms by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import ElasticNet as PeerElasticNet
from sklearn.linear_model import Lasso

from engine import (
    SGD,
    Adam,
    Dense,
    NetworkSpec,
    NoValidation,
    Recipe,
    Regularizer,
    Table,
    TrainingSpec,
)
from engine.activations import Tanh
from engine.kernels import compiled
from engine.regularizers import L1, L2, ElasticNet, MaxNorm
from tests.engine.samples import regression_table, run

RATE = 0.1
FEATURES = 8


def design() -> tuple[NDArray[np.float64], NDArray[np.float64], Table]:
    """Eight features of which three matter, standardized as the network sees them."""
    random = np.random.default_rng(6)
    x = random.normal(size=(60, FEATURES))
    x[:, 5] += 0.6 * x[:, 0]
    y = 3 * x[:, 0] - 2 * x[:, 2] + 0.7 * x[:, 4] + random.normal(size=60)
    table = Table.from_columns({**{f"x{j}": x[:, j] for j in range(FEATURES)}, "y": y})
    return (x - x.mean(axis=0)) / x.std(axis=0), (y - y.mean()) / y.std(), table


X, Y, TABLE = design()


def weights_after(regularizer: Regularizer, epochs: int = 2000) -> NDArray[np.float64]:
    """Linear regression by full-batch descent without momentum."""
    recipe = Recipe(
        network=NetworkSpec(),
        optimizer=SGD(learning_rate=RATE),
        regularizers=[regularizer],
        training=TrainingSpec(epochs=epochs, batch_size=60, seed=0, precision="float64"),
        validation=NoValidation(),
    )
    finished = run(recipe, TABLE)
    named = finished.training.outline.network.named(finished.state.theta)
    return np.array(named["output.weight"][0])


class TestL1:
    @pytest.mark.parametrize("strength", [0.02, 0.1, 0.3, 1.0])
    def test_proximal_is_the_lasso(self, strength: float) -> None:
        """mean (y - Xw)^2 + lambda |w|_1 is twice its objective with alpha = lambda / 2."""
        peer = Lasso(alpha=strength / 2, tol=1e-14, max_iter=100_000).fit(X, Y)
        found = weights_after(L1(strength=strength))
        np.testing.assert_array_equal(found == 0, peer.coef_ == 0)
        np.testing.assert_allclose(found, peer.coef_, rtol=1e-9, atol=1e-12)

    def test_the_design_is_one_where_it_selects(self) -> None:
        zeros = [int((weights_after(L1(strength=s)) == 0).sum()) for s in (0.02, 0.3, 3.0)]
        assert zeros[0] < zeros[1] < zeros[2] == FEATURES

    def test_the_subgradient_swings_around_zero(self) -> None:
        """Near the same place, and no closer to zero than a step is long; but never on it."""
        found = weights_after(L1(strength=0.3, method="subgradient"))
        exact = weights_after(L1(strength=0.3))
        assert (exact == 0).any()
        assert (found != 0).all()
        np.testing.assert_allclose(found, exact, atol=2 * RATE * 0.3)

    def test_one_step_by_hand(self) -> None:
        theta = np.array([0.5, -0.5, 0.02, -0.02, 0.0, 0.5])
        shrink, constants = L1().project(), np.array(L1(strength=0.25).constants())
        assert shrink is not None
        compiled(shrink)(theta, np.array([[0, 5, 5]]), 0.2, constants)
        np.testing.assert_allclose(theta, [0.45, -0.45, 0, 0, 0, 0.5], rtol=1e-15)


@pytest.mark.parametrize(("strength", "ratio"), [(0.2, 0.5), (0.5, 0.9), (0.3, 0.1), (0.2, 1.0)])
def test_elastic_net_is_that_of_scikit_learn(strength: float, ratio: float) -> None:
    """Its alpha weighs |w|_1 / 1 and |w|^2 / 2; half our objective has the same two parts."""
    absolute, squared = strength * ratio / 2, strength * (1 - ratio)
    alpha = absolute + squared
    peer = PeerElasticNet(alpha=alpha, l1_ratio=absolute / alpha, tol=1e-14, max_iter=100_000)
    peer.fit(X, Y)
    found = weights_after(ElasticNet(strength=strength, l1_ratio=ratio))
    np.testing.assert_array_equal(found == 0, peer.coef_ == 0)
    np.testing.assert_allclose(found, peer.coef_, rtol=1e-9, atol=1e-12)


def test_elastic_net_between_its_ends() -> None:
    for ratio, alone in ((1.0, L1(strength=0.2)), (0.0, L2(strength=0.2))):
        both = ElasticNet(strength=0.2, l1_ratio=ratio)
        np.testing.assert_allclose(weights_after(both), weights_after(alone), rtol=1e-10)
        w = np.array([0.5, -2.0])
        assert both.value(w) == pytest.approx(alone.value(w))


class TestNorm:
    @pytest.mark.parametrize("strength", [0.05, 0.3])
    def test_its_minimum(self, strength: float) -> None:
        """Where the gradient of the error is as long as lambda and points along the weights."""
        w = weights_after(L2(strength=strength, form="norm"))
        gradient = 2 * X.T @ (X @ w - Y) / len(Y)
        np.testing.assert_allclose(gradient, -strength * w / np.linalg.norm(w), atol=1e-10)

    def test_a_strong_one_leaves_nothing(self) -> None:
        """Above the length of the gradient at zero, zero is the minimum; steps stay around it."""
        longest = float(np.linalg.norm(2 * X.T @ Y / len(Y)))
        w = weights_after(L2(strength=1.5 * longest, form="norm"))
        assert np.linalg.norm(w) <= 2.5 * RATE * longest

    def test_weights_of_zero_stay_finite(self) -> None:
        theta, gradient = np.zeros(3), np.zeros(3)
        norm = L2(strength=1.0, form="norm")
        compiled(norm.transform_gradient())(
            theta, gradient, np.array([[0, 2, 2]]), np.array(norm.constants())
        )
        assert gradient.tolist() == [0.0] * 3

    def test_all_matrices_are_one_vector(self) -> None:
        theta, gradient = np.array([3.0, 9.0, 0.0, 4.0]), np.zeros(4)
        norm = L2(strength=10.0, form="norm")
        blocks = np.array([[0, 1, 1], [2, 4, 1]])
        compiled(norm.transform_gradient())(theta, gradient, blocks, np.array(norm.constants()))
        np.testing.assert_allclose(gradient, [6.0, 0.0, 0.0, 8.0], rtol=1e-15)
        assert norm.value(theta[[0, 2, 3]]) == 50.0


class TestMaxNorm:
    def test_by_hand(self) -> None:
        """Two units of two inputs: only the one that is too long is shortened, and no bias."""
        theta = np.array([3.0, 4.0, 0.6, 0.8, 100.0])
        limit = MaxNorm(limit=2.5)
        compiled(limit.project())(theta, np.array([[0, 4, 2]]), np.array(limit.constants()))
        np.testing.assert_allclose(theta, [1.5, 2.0, 0.6, 0.8, 100.0], rtol=1e-15)

    @pytest.mark.parametrize("optimizer", [SGD(learning_rate=0.2, momentum=0.9), Adam()])
    def test_holds_after_every_update(self, optimizer: Any) -> None:
        recipe = Recipe(
            network=NetworkSpec(layers=[Dense(units=6, activation=Tanh())]),
            optimizer=optimizer,
            regularizers=[MaxNorm(limit=0.5)],
            training=TrainingSpec(epochs=20, batch_size=8, seed=0, precision="float64"),
        )
        finished = run(recipe, regression_table())
        places = finished.training.outline.network.weights
        for state in finished.snapshots:
            for place in places:
                lengths = np.linalg.norm(place.view(state.theta), axis=1)
                assert (lengths <= 0.5 * (1 + 1e-12)).all()
        assert max(abs(finished.state.theta)) > 0.1
