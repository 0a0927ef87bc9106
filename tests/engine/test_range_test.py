"""The learning-rate range test: its rates, where it ends, what it suggests."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import (
    Dense,
    EpochEnd,
    InvalidSpec,
    KFold,
    NetworkSpec,
    NoValidation,
    RangeTest,
    Recipe,
    Stopped,
    Table,
    TrainingSpec,
    TrainingState,
    fresh_state,
    infer_task,
    outline,
    resolve,
    start,
)
from engine.optimizers import LBFGS, SGD, Optimizer
from engine.training import time_slice as pace
from engine.training.range_test import smoothed, suggest
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import classes_table, regression_table

OPTIMIZERS = [e for m in members("optimizer") if not (e := examples(m)[0]).full_batch]


def probe(
    recipe: Recipe, table: Table, state: TrainingState | None = None
) -> tuple[list[EpochEnd], str, list[TrainingState]]:
    """What was measured, why it ended, and the state at every event."""
    task = infer_task(table, "y")
    run = start(resolve(recipe, task), table, task, state=state)
    events, states = [], []
    for event in run.events():
        events.append(event)
        states.append(run.snapshot())
    assert isinstance(events[-1], Stopped)
    return [e for e in events if isinstance(e, EpochEnd)], events[-1].reason, states


def recipe(optimizer: Optimizer | None = None, **settings: Any) -> Recipe:
    return Recipe(
        network=NetworkSpec(layers=[Dense(units=4)]),
        optimizer=optimizer or SGD(),
        training=TrainingSpec(epochs=1, batch_size=8, seed=7),
        range_test=RangeTest(**settings),
    )


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=titles(OPTIMIZERS))
def test_rates_grow_by_the_same_factor_to_the_highest(optimizer: Optimizer) -> None:
    low = recipe(optimizer, lowest=1e-8, highest=1e-3, steps=26)
    points, reason, _ = probe(low, classes_table())
    rates = np.array([point.learning_rate for point in points])
    assert reason == "completed"
    np.testing.assert_allclose(rates, np.geomspace(1e-8, 1e-3, 26), rtol=1e-12)
    assert {(point.samples, point.improved, point.validation) for point in points} == {
        (8, False, None)
    }


def test_gradient_descent_on_a_quadratic_goes_down_below_the_known_limit() -> None:
    """Below 2 over the largest curvature every step goes down; above, sooner or later up."""
    table = regression_table(40)
    linear = replace(
        recipe(lowest=1e-3, highest=10.0, steps=200, smoothing=0.0, stop_factor=100.0),
        network=NetworkSpec(),
        training=TrainingSpec(batch_size=40, seed=1, precision="float64"),
    )
    points, reason, _ = probe(linear, table)
    x = np.column_stack([table.columns[f"x{j}"] for j in range(3)])
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    x = np.column_stack([x, np.ones(40)])
    limit = 2 / np.linalg.eigvalsh(2 * x.T @ x / 40).max()
    losses = np.array([point.train["loss"] for point in points])
    rates = np.array([point.learning_rate for point in points])
    assert reason == "diverged"
    assert (np.diff(losses)[rates[:-1] < limit] <= 1e-12).all()
    # On the way down it comes to the best there is, which is known; where exactly among losses
    # that differ in their last bit alone is not.
    y = (table.columns["y"] - table.columns["y"].mean()) / table.columns["y"].std()
    residuals = np.linalg.lstsq(x, y, rcond=None)[1]
    assert losses.min() == pytest.approx(residuals[0] / 40, rel=1e-9)


def test_numbers_that_are_finite_no_more_end_it_too() -> None:
    hot = recipe(lowest=1.0, highest=1e6, steps=50, stop_factor=1e6)
    points, reason, _ = probe(hot, regression_table())
    assert reason == "diverged"
    assert all(np.isfinite(point.train["loss"]) for point in points)


def test_it_goes_on_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)
    wanted = recipe(steps=12, highest=0.1)
    table = classes_table()
    points, _, states = probe(wanted, table)
    for state in states[:-1]:
        rest, _, again = probe(wanted, table, TrainingState.from_bytes(state.to_bytes()))
        assert _digest(again[-1]) == _digest(states[-1])
        assert [p.train for p in rest] == [p.train for p in points[state.epoch :]]


def _digest(state: TrainingState) -> str:
    return hashlib.sha256(state.to_bytes()).hexdigest()


def test_smoothing_is_a_running_mean() -> None:
    assert smoothed([3.0, 3.0, 3.0], 0.9) == pytest.approx([3.0, 3.0, 3.0])
    assert smoothed([1.0, 5.0], 0.0) == pytest.approx([1.0, 5.0])
    assert smoothed([1.0, 2.0], 0.5)[1] == pytest.approx((0.25 * 1 + 0.5 * 2) / 0.75)


def test_what_a_curve_suggests() -> None:
    rates = [1e-4, 1e-3, 1e-2, 1e-1, 1.0]
    found = suggest(rates, np.array([5.0, 4.5, 2.0, 1.0, 9.0]))
    assert found.steepest in {1e-2, 1e-3}
    assert found.lowest_loss == 1e-1
    assert found.tenth_of_lowest == pytest.approx(1e-2)
    rising = suggest(rates, np.array([1.0, 2.0, 3.0, 4.0, 5.0]))
    assert (rising.steepest, rising.lowest_loss) == (None, None)


def test_the_first_means_say_nothing() -> None:
    """They are of single mini-batches, one easier than the other."""
    random = np.random.default_rng(0)
    grid = np.geomspace(1e-6, 1.0, 60)
    rates = grid.tolist()
    losses = np.where(grid < 1e-3, 1.0, 0.2) + 0.02 * random.normal(size=60)
    losses[0] = 2.0
    curve = smoothed(losses.tolist(), 0.9)
    assert suggest(rates, curve).steepest == rates[0]
    steepest = suggest(rates, curve, 0.9).steepest
    assert steepest is not None
    assert 3e-4 < steepest < 3e-3


@pytest.mark.parametrize(
    ("wanted", "pointer"),
    [
        (replace(recipe(), optimizer=LBFGS()), "/range_test"),
        (replace(recipe(), validation=KFold()), "/range_test"),
    ],
)
def test_where_there_is_nothing_to_find(wanted: Recipe, pointer: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        resolve(wanted, infer_task(regression_table(), "y"))
    assert refused.value.pointer == pointer


def test_rates_must_grow() -> None:
    with pytest.raises(InvalidSpec) as refused:
        RangeTest(lowest=1.0, highest=0.1)
    assert refused.value.pointer == "/highest"


def test_it_begins_with_a_state_that_was_made_for_the_recipe() -> None:
    """As jobs that start from a model do: the recipe's stopping rules are not the test's."""
    wanted, table = recipe(steps=40), regression_table()
    task = infer_task(table, "y")
    made = outline(resolve(replace(wanted, validation=NoValidation()), task), table, task)
    state = fresh_state(made.recipe, made.network, task)
    (alone, reason, states), (begun, same_reason, same_states) = (
        probe(wanted, table, given) for given in (None, state)
    )
    assert [epoch.train for epoch in begun] == [epoch.train for epoch in alone]
    assert (reason, _digest(states[-1])) == (same_reason, _digest(same_states[-1]))
