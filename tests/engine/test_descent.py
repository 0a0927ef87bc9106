"""Analytic surfaces against differences, and every optimizer's way down them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import SGD, Adam
from engine.insight.descent import descend
from engine.insight.surfaces import Bowl, Rosenbrock, Saddle
from engine.optimizers import LBFGS, RMSprop, Rprop
from engine.schedules import Cosine
from tests.conformance.examples import examples, members, titles

WIDTH = 1e-5
"""Half the distance of the points of a central difference."""
SURFACES: list[Any] = [example for member in members("surface") for example in examples(member)]


@pytest.mark.parametrize("surface", SURFACES, ids=titles(SURFACES))
class TestSurfaces:
    def test_gradient(self, surface: Any) -> None:
        random = np.random.default_rng(0)
        left, right, low, high = surface.window
        for _ in range(20):
            x, y = random.uniform(left, right), random.uniform(low, high)
            across = (surface.value(x + WIDTH, y) - surface.value(x - WIDTH, y)) / (2 * WIDTH)
            along = (surface.value(x, y + WIDTH) - surface.value(x, y - WIDTH)) / (2 * WIDTH)
            np.testing.assert_allclose(surface.gradient(x, y), (across, along), 1e-6, 1e-6)

    def test_minima(self, surface: Any) -> None:
        """The gradient is zero there, and nothing in the window is lower."""
        left, right, low, high = surface.window
        grid = [(x, y) for x in np.linspace(left, right, 60) for y in np.linspace(low, high, 60)]
        lowest = min(surface.value(float(x), float(y)) for x, y in grid)
        for minimum in surface.minima:
            np.testing.assert_allclose(surface.gradient(*minimum), 0, atol=1e-10)
            assert surface.value(*minimum) <= lowest + 1e-12
            assert surface.value(*minimum) == pytest.approx(0, abs=1e-12)

    def test_starts_where_it_can_be_seen(self, surface: Any) -> None:
        left, right, low, high = surface.window
        assert left <= surface.start[0] <= right
        assert low <= surface.start[1] <= high


OPTIMIZERS = [example for member in members("optimizer") for example in examples(member)[:1]]
FAST = {"adadelta": 1.0, "adagrad": 0.5, "lion": 0.02, "lbfgs": 0.5, "sgd": 0.05}


def tuned(optimizer: Any) -> Any:
    """A rate for surfaces a few units wide."""
    return replace(optimizer, learning_rate=FAST.get(optimizer.kind, 0.05))


class TestDescent:
    @pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=titles(OPTIMIZERS))
    def test_a_bowl(self, optimizer: Any) -> None:
        """Every optimizer comes near the bottom of a parabola; rates fall, so that signs settle."""
        found = descend(Bowl(condition=3.0), tuned(optimizer), (-1.5, 1.5), 3000, Cosine())
        assert not found.diverged
        assert found.distance is not None
        assert found.distance < 0.01
        assert found.values[-1] < 1e-4 < found.values[0]

    @pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=titles(OPTIMIZERS))
    def test_rosenbrock(self, optimizer: Any) -> None:
        """Down into the valley, and along it."""
        steep = optimizer.kind in {"sgd", "radam"}  # the first steps are as long as gradients
        rate = 0.001 if steep else tuned(optimizer).learning_rate / 2
        slow = replace(optimizer, learning_rate=rate)
        found = descend(Rosenbrock(), slow, Rosenbrock.start, 3000, Cosine())
        assert not found.diverged
        assert found.values[-1] < 0.2 * found.values[0]

    @pytest.mark.parametrize("optimizer", [Rprop(), LBFGS(learning_rate=0.5), Adam()])
    def test_the_minimum_of_rosenbrock_is_reached(self, optimizer: Any) -> None:
        rate = 0.05 if isinstance(optimizer, Adam) else optimizer.learning_rate
        found = descend(Rosenbrock(), replace(optimizer, learning_rate=rate), (-1.2, 1.0), 5000)
        assert found.distance is not None
        assert found.distance < 5e-3

    def test_plain_descent_on_a_bowl_by_hand(self) -> None:
        """x_t = x_0 (1 - eta)^t, y_t = y_0 (1 - kappa eta)^t."""
        found = descend(Bowl(condition=5.0), SGD(learning_rate=0.1), (2.0, -1.0), 10)
        t = np.arange(11)
        np.testing.assert_allclose(found.points[:, 0], 2 * 0.9**t, rtol=1e-12)
        np.testing.assert_allclose(found.points[:, 1], -(0.5**t), rtol=1e-12)
        x, y = found.points.T
        np.testing.assert_allclose(found.values, 0.5 * (x**2 + 5 * y**2), rtol=1e-12)

    def test_too_high_a_rate_overshoots(self) -> None:
        """The lecture's case: above 2 / kappa every step ends farther away than it began."""
        found = descend(Bowl(condition=10.0), SGD(learning_rate=0.21), (0.0, 1.0), 1000)
        assert found.diverged
        assert len(found.points) < 1000
        assert np.isfinite(found.values).all()
        assert (np.diff(found.values) > 0).all()
        calm = descend(Bowl(condition=10.0), SGD(learning_rate=0.19), (0.0, 1.0), 1000)
        assert not calm.diverged

    def test_a_saddle_has_no_end(self) -> None:
        found = descend(Saddle(), RMSprop(learning_rate=0.05), Saddle.start, 200)
        assert found.distance is None
        assert found.values[-1] < -10

    def test_the_schedule_counts_steps_as_epochs(self) -> None:
        found = descend(Bowl(), SGD(learning_rate=0.1), (1.0, 0.0), 4, Cosine())
        factors = 0.05 * (1 + np.cos(np.pi * np.arange(4) / 4))
        np.testing.assert_allclose(found.points[1:, 0], np.cumprod(1 - factors), rtol=1e-12)
