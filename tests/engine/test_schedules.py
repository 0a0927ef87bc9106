"""Schedules: the factor of the learning rate at every time, and at every step of a run."""

from __future__ import annotations

from math import cos, pi
from typing import Any

import numpy as np
import pytest

from engine import SGD, NoValidation, Recipe, TrainingSpec
from engine.schedules import Constant, Cosine, StepDecay
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import regression_table, run

EXAMPLES = [example for member in members("schedule") for example in examples(member)]


def factors(schedule: Any, times: list[float], epochs: int) -> list[float]:
    return list(schedule.factors(np.array(times), epochs))


@pytest.mark.parametrize("schedule", EXAMPLES, ids=titles(EXAMPLES))
class TestEvery:
    def test_factors_are_finite_and_between_zero_and_one(self, schedule: Any) -> None:
        found = schedule.factors(np.linspace(0, 100, 1000, endpoint=False), 100)
        assert found.shape == (1000,)
        assert ((found >= 0) & (found <= 1)).all()

    def test_depends_on_the_time_alone(self, schedule: Any) -> None:
        """A resumed run asks for other pieces of the same course."""
        times = np.linspace(0, 9.9, 100)
        pieces = [schedule.factors(part, 10) for part in np.split(times, [3, 50, 51])]
        np.testing.assert_array_equal(np.concatenate(pieces), schedule.factors(times, 10))


def test_constant() -> None:
    assert factors(Constant(), [0.0, 5.5, 9.0], 10) == [1.0, 1.0, 1.0]


def test_step_changes_at_the_end_of_every_period() -> None:
    found = factors(StepDecay(every=3, factor=0.5), [0.0, 2.99, 3.0, 5.99, 6.0], 10)
    assert found == [1.0, 1.0, 0.5, 0.5, 0.25]


def test_cosine() -> None:
    found = factors(Cosine(), [0.0, 2.5, 5.0, 7.5], 10)
    np.testing.assert_allclose(found, [1.0, (1 + cos(pi / 4)) / 2, 0.5, (1 - cos(pi / 4)) / 2])
    assert factors(Cosine(final=0.2), [5.0], 10)[0] == pytest.approx(0.6)
    assert factors(Cosine(final=0.2), [12.0], 10)[0] == pytest.approx(0.2)


def test_a_run_reports_the_rate_of_the_last_step_of_each_epoch() -> None:
    """Twenty rows in batches of five are four steps an epoch, at t = 0, 1/4, 1/2, 3/4."""
    recipe = Recipe(
        optimizer=SGD(learning_rate=0.1),
        schedule=Cosine(),
        training=TrainingSpec(epochs=3, batch_size=5, seed=0, precision="float64"),
        validation=NoValidation(),
    )
    rates = [epoch.learning_rate for epoch in run(recipe, regression_table(20)).epochs]
    expected = [0.05 * (1 + cos(pi * t / 3)) for t in (0.75, 1.75, 2.75)]
    np.testing.assert_allclose(rates, expected, rtol=1e-14)


def test_a_schedule_scales_every_step() -> None:
    """Without momentum, the course of one epoch is a sum of scaled gradients at known points."""
    table = regression_table(8)
    common: Any = {"validation": NoValidation(), "optimizer": SGD(learning_rate=0.1)}
    shape: Any = {"batch_size": 8, "seed": 0, "precision": "float64"}
    stepped = Recipe(
        schedule=StepDecay(every=1, factor=0.5), training=TrainingSpec(epochs=2, **shape), **common
    )
    first = run(Recipe(training=TrainingSpec(epochs=1, **shape), **common), table).state.theta
    by_hand = Recipe(
        training=TrainingSpec(epochs=2, **shape),
        validation=NoValidation(),
        optimizer=SGD(learning_rate=0.05),
    )
    start = run(Recipe(training=TrainingSpec(epochs=2, **shape), **common), table)
    state = run(stepped, table).snapshots[0]
    np.testing.assert_array_equal(state.theta, first)
    np.testing.assert_array_equal(
        run(by_hand, table, state).state.theta, run(stepped, table).state.theta
    )
    assert (start.state.theta != run(stepped, table).state.theta).any()
