"""Initializers: mean, variance and shape of what they draw."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import pytest

from engine.initializers import Glorot, He, LeCun, Normal, Uniform, Zeros
from tests.conformance.examples import examples, members, titles

FAN_OUT, FAN_IN = 300, 500
EXAMPLES = [example for member in members("initializer") for example in examples(member)]
VARIANCES = [
    (He(), 2 / FAN_IN),
    (He(distribution="uniform"), 2 / FAN_IN),
    (Glorot(), 2 / (FAN_IN + FAN_OUT)),
    (Glorot(distribution="normal"), 2 / (FAN_IN + FAN_OUT)),
    (LeCun(), 1 / FAN_IN),
    (LeCun(distribution="uniform"), 1 / FAN_IN),
    (Zeros(), 0.0),
    (Normal(deviation=0.3), 0.09),
    (Uniform(limit=0.3), 0.03),
]


def draw(initializer: Any, seed: int = 0) -> Any:
    return initializer.draw(np.random.default_rng(seed), FAN_OUT, FAN_IN)


def test_every_initializer_has_its_variance_here() -> None:
    assert {type(initializer) for initializer, _ in VARIANCES} == set(members("initializer"))


@pytest.mark.parametrize(
    ("initializer", "variance"), VARIANCES, ids=titles([i for i, _ in VARIANCES])
)
def test_variance(initializer: Any, variance: float) -> None:
    assert draw(initializer).var() == pytest.approx(variance, rel=0.02)


@pytest.mark.parametrize("initializer", EXAMPLES, ids=titles(EXAMPLES))
class TestEvery:
    def test_shape_and_mean(self, initializer: Any) -> None:
        weights = draw(initializer)
        assert weights.shape == (FAN_OUT, FAN_IN)
        assert abs(weights.mean()) <= 4 * weights.std() / sqrt(weights.size)

    def test_follows_from_the_generator_alone(self, initializer: Any) -> None:
        np.testing.assert_array_equal(draw(initializer, 3), draw(initializer, 3))


@pytest.mark.parametrize("member", [He, Glorot, LeCun])
def test_a_uniform_distribution_has_sharp_limits(member: Any) -> None:
    weights = draw(member(distribution="uniform"))
    limit = sqrt(3 * weights.var())
    assert np.abs(weights).max() == pytest.approx(limit, rel=0.02)
    assert np.abs(draw(member(distribution="normal"))).max() > 1.5 * limit


def test_uniform_stays_within_its_limit() -> None:
    assert np.abs(draw(Uniform(limit=0.3))).max() <= 0.3
