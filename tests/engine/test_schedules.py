"""Schedules: the factor of the learning rate at every time, and at every step of a run."""

from __future__ import annotations

from math import cos, pi
from typing import Any

import numpy as np
import pytest

from engine import SGD, NoValidation, Recipe, TrainingSpec
from engine.schedules import (
    Constant,
    Cosine,
    ExponentialDecay,
    InverseTimeDecay,
    OneCycle,
    PolynomialDecay,
    ReduceOnPlateau,
    StepDecay,
)
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import regression_table, run
from tests.oracles.frozen import load

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


ORACLE = load("schedules")
SAME_AS_PYTORCH = {
    "step": StepDecay(every=3, factor=0.5),
    "exponential": ExponentialDecay(factor=0.9),
    "polynomial": PolynomialDecay(power=2.0),
    "cosine": Cosine(final=0.1),
    "warmup": Constant(warmup=8.0),
}


class TestAgainstPyTorch:
    @pytest.mark.parametrize("name", SAME_AS_PYTORCH)
    def test_a_step_an_epoch(self, name: str) -> None:
        found = SAME_AS_PYTORCH[name].factors(np.arange(20.0), 20)
        np.testing.assert_allclose(found, ORACLE[f"{name}/factors"], rtol=1e-9, atol=1e-15)

    def test_restarts(self) -> None:
        """Waves of 3, 6, 12 and 24 epochs, in steps of a quarter."""
        waves = Cosine(cycle=3, growth=2.0, final=0.05)
        found = waves.factors(ORACLE["restarts/times"], 30, 4)
        np.testing.assert_allclose(found, ORACLE["restarts/factors"], rtol=1e-9)

    def test_one_cycle_has_the_same_defaults_and_the_same_shape(self) -> None:
        """There the top and the end are steps, the sixth and the last of twenty; here they are
        times, after 0.3 T and T, so that they do not move with the size of a mini-batch."""
        steps = np.arange(20.0)
        top, last = 0.3 * 20 - 1, 19
        rising, falling = 6 * steps / top, 6 + 14 * (steps - top) / (last - top)
        times = np.where(steps < top, rising, falling)
        found = OneCycle().factors(times, 20)
        np.testing.assert_allclose(found, ORACLE["one_cycle/factors"], rtol=1e-9)

    def test_reduce_on_plateau(self) -> None:
        """Its patience is how many epochs may pass without progress, ours how many are enough."""
        schedule = ReduceOnPlateau(patience=2, factor=0.5, min_delta=0.05, smallest=0.1)
        memory: dict[str, Any] = {}
        found = []
        for loss in ORACLE["plateau/losses"]:
            schedule.observe(memory, {"train": None, "validation": {"loss": float(loss)}})
            found.append(memory.get("factor", 1.0))
        np.testing.assert_allclose(found, ORACLE["plateau/factors"], rtol=1e-12)
        assert len(set(found)) == 5, "reduced four times, and held at the smallest"


def test_one_cycle_at_its_corners() -> None:
    hump = OneCycle(rise=0.25, initial=0.1, final=0.02)
    found = factors(hump, [0.0, 1.25, 2.5, 6.25, 10.0], 10)
    np.testing.assert_allclose(found, [0.1, 0.55, 1.0, 0.51, 0.02])


def test_inverse_time() -> None:
    assert factors(InverseTimeDecay(decay=0.5), [0.0, 2.0, 6.0], 10) == [1.0, 0.5, 0.25]


def test_polynomial() -> None:
    line = PolynomialDecay(final=0.5)
    np.testing.assert_allclose(factors(line, [0.0, 5.0, 10.0, 12.0], 10), [1.0, 0.75, 0.5, 0.5])


def test_waves_of_one_length_start_again_at_once() -> None:
    found = factors(Cosine(cycle=2), [0.0, 1.0, 1.999999, 2.0, 3.0], 10)
    np.testing.assert_allclose(found, [1.0, 0.5, 0.0, 1.0, 0.5], atol=1e-5)


@pytest.mark.parametrize("growth", [1.5, 2.0, 3.0, 10.0])
def test_growing_waves_start_where_the_last_one_ended(growth: float) -> None:
    starts = np.cumsum([0.0, *(2 * growth**k for k in range(4))])
    waves = Cosine(cycle=2, growth=growth)
    np.testing.assert_allclose(waves.course(starts, 10_000), 1.0, atol=1e-9)
    assert (waves.course(starts[1:] - 1e-6, 10_000) < 1e-9).all()


@pytest.mark.parametrize("member", members("schedule"), ids=lambda m: str(m.__name__))
def test_a_warm_up_is_a_line_that_ends_at_the_course(member: Any) -> None:
    """Half an epoch of eight steps: 1/4, 2/4, 3/4 and 4/4 of what it would be without."""
    times = np.arange(24) / 8
    plain, warm = (member(warmup=w).factors(times, 3, 8) for w in (0.0, 0.5))
    np.testing.assert_allclose(warm[:4], plain[:4] * [0.25, 0.5, 0.75, 1.0], rtol=1e-12)
    np.testing.assert_array_equal(warm[4:], plain[4:])


@pytest.mark.parametrize(
    ("options", "losses", "expected"),
    [
        ({"patience": 1}, [3, 2, 2, 1, 1], [1, 1, 0.5, 0.5, 0.25]),
        ({"patience": 2}, [3, 3, 3, 3, 3], [1, 1, 0.5, 0.5, 0.25]),
        ({"patience": 2, "min_delta": 0.5}, [3, 2.6, 2.4, 2.3, 2.2], [1, 1, 1, 1, 0.5]),
        ({"patience": 1, "factor": 0.1, "smallest": 0.05}, [1, 1, 1, 1], [1, 0.1, 0.05, 0.05]),
        ({"patience": 1, "part": "train"}, [1, 2, 3], [1, 0.5, 0.25]),
    ],
)
def test_reduce_on_plateau_by_hand(
    options: Any, losses: list[float], expected: list[float]
) -> None:
    schedule = ReduceOnPlateau(**options)
    memory: dict[str, Any] = {}
    found = []
    for loss in losses:
        schedule.observe(memory, {schedule.part: {"loss": loss}})
        found.append(memory.get("factor", 1.0))
    np.testing.assert_allclose(found, expected)


def test_a_run_reduces_its_rate_where_its_losses_say() -> None:
    """Replay the losses: what was observed after an epoch acts from the next one on."""
    schedule = ReduceOnPlateau(patience=2, factor=0.5, min_delta=0.01, warmup=1.0)
    recipe = Recipe(
        optimizer=SGD(learning_rate=0.1),
        schedule=schedule,
        training=TrainingSpec(epochs=40, batch_size=8, seed=0, precision="float64"),
    )
    memory: dict[str, Any] = {}
    rates = set()
    for epoch in run(recipe, regression_table()).epochs:
        assert epoch.learning_rate == pytest.approx(0.1 * memory.get("factor", 1.0), rel=1e-12)
        schedule.observe(memory, {"train": epoch.train, "validation": epoch.validation})
        rates.add(epoch.learning_rate)
    assert len(rates) > 3


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
