"""Stopping: exactly at the epoch that a hand-computed sequence says, with the best one known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import (
    SGD,
    Dense,
    EarlyStopping,
    Holdout,
    InvalidSpec,
    NetworkSpec,
    NoValidation,
    Recipe,
    TrainingSpec,
    infer_task,
    resolve,
)
from engine.activations import Tanh
from engine.stopping import Divergence, Epoch, Monitor, Plateau, StoppingRule, Target, TimeLimit
from tests.conformance.examples import members
from tests.engine.samples import classes_table, regression_table, run

NAN = float("nan")


def stops_at(rule: StoppingRule, values: list[float], seconds: float = 1.0) -> int | None:
    """The epoch, counted from 1, at which a rule stops a course of its metric.

    What it remembers goes to JSON and back between epochs, as in a run that is resumed.
    """
    memory: dict[str, Any] = {}
    monitor = rule.monitor() or Monitor("train", "loss")
    for epoch, value in enumerate(values, start=1):
        metrics: Any = {monitor.part: {monitor.metric: value}}
        if rule.observe(memory, Epoch(epoch, metrics, seconds)):
            return epoch
        memory = json.loads(json.dumps(memory, allow_nan=False))
    return None


@pytest.mark.parametrize(
    ("options", "values", "expected"),
    [
        ({"patience": 1}, [3.0, 2.0, 2.0], 3),
        ({"patience": 2}, [3.0, 2.0, 2.5, 1.9, 2.0, 2.0, 1.0], 6),
        ({"patience": 3}, [1.0, 2.0, 2.0], None),
        ({"patience": 3}, [1.0, 2.0, 2.0, 2.0], 4),
        ({"patience": 2, "min_delta": 0.5}, [3.0, 2.6, 2.2, 2.0, 1.9], 5),
        ({"patience": 2, "min_delta": 0.5}, [3.0, 2.8, 2.6], 3),
        ({"patience": 2, "metric": "accuracy"}, [0.5, 0.7, 0.6, 0.7], 4),
        ({"patience": 2, "metric": "r2"}, [-1.0, 0.1, 0.2, 0.1, 0.1], 5),
        ({"patience": 2, "metric": "mae"}, [5.0, 4.0, 4.5, 4.0], 4),
        ({"patience": 1, "part": "train"}, [3.0, 2.0, 1.0], None),
        ({"patience": 2, "metric": "r2"}, [float("nan")] * 5, 3),
        ({"patience": 2, "metric": "r2"}, [float("nan"), 0.1, 0.2, 0.2, 0.2], 5),
    ],
)
def test_early_stopping(options: Any, values: list[float], expected: int | None) -> None:
    assert stops_at(EarlyStopping(**options), values) == expected


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        (Target(value=0.5), [2.0, 0.6, 0.5, 0.4], 3),
        (Target(value=0.5), [2.0, 0.6], None),
        (Target(value=0.9, metric="accuracy"), [0.1, 0.89, 0.9], 3),
        (Target(value=0.0, metric="r2", part="train"), [-3.0, NAN, -0.1, 0.2], 4),
        (Target(value=1.0, metric="mae"), [3.0, 0.9], 2),
        (Plateau(epochs=3, width=0.1), [1.0, 0.9, 0.8, 0.75, 0.72], 5),
        (Plateau(epochs=3, width=0.25), [1.0, 0.9, 0.8], 3),
        (Plateau(epochs=2, width=0.1), [1.0, 2.0, 4.0, 4.05], 4),
        (Plateau(epochs=2, width=0.1), [1.0, NAN, 1.0, 1.0], 4),
        (Plateau(epochs=2, width=0.1, metric="accuracy"), [0.2, 0.5, 0.5], 3),
        (Divergence(factor=2.0), [1.0, 1.9, 0.5, 0.9, 1.1], 5),
        (Divergence(factor=2.0), [1.0, 2.0, 2.0], None),
        (Divergence(factor=10.0, metric="mae"), [5.0, 0.1, 1.1], 3),
        (Divergence(factor=2.0), [2.0, 0.0, 0.01, 0.03], 4),
        (Divergence(factor=2.0), [-1.0, -4.0, -5.0], None),
        (Divergence(factor=2.0), [-1.0, -1.1, 3.0], 3),
        (TimeLimit(seconds=2.5), [0.0] * 5, 3),
        (TimeLimit(seconds=3.0), [0.0] * 5, 3),
        (TimeLimit(seconds=9.0), [0.0] * 5, None),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_by_hand(rule: StoppingRule, values: list[float], expected: int | None) -> None:
    assert stops_at(rule, values) == expected


def test_every_rule_has_a_case_by_hand() -> None:
    kinds = {"early_stopping", "target", "plateau", "divergence", "time_limit"}
    assert {member.kind_name() for member in members("stopping")} == kinds


@pytest.mark.parametrize(
    "rule",
    [
        Target(value=0.6),
        Plateau(epochs=5, width=0.05),
        Divergence(factor=1.05),
        EarlyStopping(patience=4),
    ],
    ids=lambda rule: str(rule.kind),
)
def test_every_rule_ends_a_run_where_the_course_says(rule: StoppingRule) -> None:
    """And the job is told which of several rules it was."""
    table = regression_table(30)
    free = run(overfitting(), table)
    losses = [epoch.validation["loss"] for epoch in free.epochs if epoch.validation]
    expected = stops_at(rule, losses)
    assert expected is not None
    assert expected < 300
    never = EarlyStopping(patience=1000)
    finished = run(overfitting(stopping=[never, rule]), table)
    assert (finished.reason, len(finished.epochs)) == (rule.kind_name(), expected)


def test_time_counts_over_interruptions() -> None:
    """Whatever an epoch takes, a limit below it ends the run after one, and it is remembered."""
    recipe = overfitting(stopping=[TimeLimit(seconds=1e-9)])
    finished = run(recipe, regression_table(30))
    assert (finished.reason, len(finished.epochs)) == ("time_limit", 1)
    patient = overfitting(stopping=[TimeLimit(seconds=1e6)])
    (memory,) = run(patient, regression_table(30)).state.stopping
    assert 0 < memory["seconds"] < 1e6


def test_improvements_smaller_than_min_delta_do_not_add_up() -> None:
    """The reference is the last improvement that counted, so a slow fall counts in the end."""
    assert stops_at(EarlyStopping(patience=3, min_delta=0.25), [1.0, 0.9, 0.8, 0.7, 0.6]) is None


def overfitting(**options: Any) -> Recipe:
    return Recipe(
        network=NetworkSpec(layers=[Dense(units=16, activation=Tanh())]),
        optimizer=SGD(learning_rate=0.05, momentum=0.9),
        training=TrainingSpec(epochs=300, batch_size=8, seed=3, precision="float64"),
        validation=Holdout(fraction=0.4),
        **options,
    )


@pytest.mark.parametrize("patience", [1, 5])
def test_a_run_stops_where_its_own_course_says(patience: int) -> None:
    """Replay the recorded losses of a run without the rule: the run with it ends there."""
    table = regression_table(30)
    free = run(overfitting(), table)
    losses = [epoch.validation["loss"] for epoch in free.epochs if epoch.validation]
    expected = stops_at(EarlyStopping(patience=patience), losses)
    finished = run(overfitting(stopping=[EarlyStopping(patience=patience)]), table)
    assert finished.reason == "early_stopping"
    assert len(finished.epochs) == expected
    assert finished.state.best_epoch == expected - patience
    assert [e.train for e in finished.epochs] == [e.train for e in free.epochs[:expected]]


def test_improved_marks_every_new_best_and_the_last_mark_is_the_best_epoch() -> None:
    finished = run(overfitting(), regression_table(30))
    best, marks = float("inf"), []
    for epoch in finished.epochs:
        assert epoch.validation is not None
        marks.append(epoch.validation["loss"] < best)
        best = min(best, epoch.validation["loss"])
    assert [epoch.improved for epoch in finished.epochs] == marks
    assert finished.state.best == best
    assert finished.state.best_epoch == max(i for i, mark in enumerate(marks, 1) if mark)


def test_without_validation_the_training_loss_decides() -> None:
    recipe = Recipe(
        training=TrainingSpec(epochs=3, seed=0, precision="float64"), validation=NoValidation()
    )
    finished = run(recipe, regression_table())
    assert recipe.monitor() == Monitor("train", "loss")
    assert all(epoch.validation is None for epoch in finished.epochs)
    assert finished.state.best == min(epoch.train["loss"] for epoch in finished.epochs)


def test_the_first_of_several_rules_that_fires_ends_the_run() -> None:
    rules = [EarlyStopping(patience=200), EarlyStopping(patience=2, part="train", min_delta=9.0)]
    finished = run(overfitting(stopping=rules), regression_table(30))
    assert (finished.reason, len(finished.epochs)) == ("early_stopping", 3)


def test_a_metric_that_is_never_a_number_stops_the_run_and_can_be_saved() -> None:
    """A single validation row has no variance, so R2 does not exist."""
    recipe = Recipe(
        training=TrainingSpec(epochs=20, seed=0, precision="float64"),
        validation=Holdout(fraction=0.05),
        stopping=[EarlyStopping(metric="r2", patience=3)],
    )
    finished = run(recipe, regression_table(20))
    assert (finished.reason, len(finished.epochs)) == ("early_stopping", 4)
    assert [epoch.improved for epoch in finished.epochs] == [True, False, False, False]
    assert finished.state.to_bytes()


@pytest.mark.parametrize(
    ("rule", "validation", "pointer"),
    [
        (EarlyStopping(metric="accuracy"), Holdout(), "/stopping/0/metric"),
        (EarlyStopping(), NoValidation(), "/stopping/0/part"),
    ],
)
def test_rules_that_cannot_be_followed_are_refused(
    rule: EarlyStopping, validation: Any, pointer: str
) -> None:
    recipe = Recipe(stopping=[rule], validation=validation)
    with pytest.raises(InvalidSpec) as caught:
        resolve(recipe, infer_task(regression_table(), "y"))
    assert caught.value.pointer == pointer


def test_classes_have_no_r2() -> None:
    recipe = Recipe(stopping=[EarlyStopping(metric="r2")])
    with pytest.raises(InvalidSpec, match="loss, accuracy"):
        resolve(recipe, infer_task(classes_table(), "y"))
