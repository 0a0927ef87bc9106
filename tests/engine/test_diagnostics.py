"""What diagnostics say about a run, held against plain NumPy; and that looking changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import (
    SGD,
    Dense,
    EpochEnd,
    NetworkSpec,
    NoValidation,
    Recipe,
    Training,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Sigmoid, Tanh
from engine.initializers import Zeros
from engine.recipe import Diagnostics
from tests.engine.samples import classes_table

TABLE = classes_table(rows=30)


def recipe(**given: Any) -> Recipe:
    values: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=6), Dense(units=4, activation=Tanh())]),
        "optimizer": SGD(learning_rate=0.1),
        "training": TrainingSpec(seed=3, epochs=4, batch_size=7, precision="float64"),
        "validation": NoValidation(),
        "diagnostics": Diagnostics(),
    }
    return Recipe(**values | given)


def run(wanted: Recipe) -> tuple[Training, list[dict[str, Any] | None]]:
    task = infer_task(TABLE, "y")
    training = Training(outline(resolve(wanted, task), TABLE, task), TABLE)
    return training, [e.diagnostics for e in training.events() if isinstance(e, EpochEnd)]


def test_looking_changes_nothing() -> None:
    watched, _ = run(recipe())
    alone, nothing = run(recipe(diagnostics=None))
    assert nothing == [None] * 4
    assert watched.snapshot().to_bytes() == alone.snapshot().to_bytes()


def test_only_the_epochs_asked_for_are_measured() -> None:
    _, seen = run(recipe(diagnostics=Diagnostics(every=2)))
    assert [each is not None for each in seen] == [False, True, False, True]


def test_the_update_of_plain_descent_is_the_gradient_times_the_rate() -> None:
    training, (*_, last) = run(recipe())
    assert last is not None
    places = training.outline.network.places
    theta = training.snapshot().theta
    for layer in last["layers"]:
        assert layer["update_norm"] == pytest.approx(0.1 * layer["gradient_norm"], rel=1e-9)
        parts = [theta[p.start : p.stop] for n, p in places.items() if n.startswith(layer["layer"])]
        assert layer["weight_norm"] == pytest.approx(np.linalg.norm(np.concatenate(parts)))
        assert layer["update_ratio"] == pytest.approx(layer["update_norm"] / layer["weight_norm"])
        assert sum(layer["weights"]["counts"]) == sum(map(len, parts))
        assert len(layer["weights"]["edges"]) == len(layer["weights"]["counts"]) + 1


def test_histograms_can_be_left_out() -> None:
    _, (*_, last) = run(recipe(diagnostics=Diagnostics(bins=0)))
    assert last is not None
    assert "weights" not in last["layers"][0]


def test_units_that_answer_every_row_alike_are_dead() -> None:
    silent = Dense(units=6, initializer=Zeros())
    _, (*_, last) = run(recipe(network=NetworkSpec(layers=[silent])))
    assert last is not None
    hidden, output = last["layers"]
    assert (hidden["units"], hidden["dead_units"]) == (6, 6)
    assert output["dead_units"] == output["units"]
    assert any("6 of 6 units are dead" in warning for warning in last["warnings"])


def test_a_gradient_that_vanishes_is_told() -> None:
    deep = NetworkSpec(layers=[Dense(units=5, activation=Sigmoid()) for _ in range(12)])
    _, (first, *_) = run(recipe(network=deep))
    assert first is not None
    assert any("vanishes" in warning for warning in first["warnings"])


def test_a_resumed_run_measures_the_same() -> None:
    task = infer_task(TABLE, "y")
    plan = outline(resolve(recipe(), task), TABLE, task)
    whole = [e for e in Training(plan, TABLE).events() if isinstance(e, EpochEnd)]
    begun = Training(plan, TABLE)
    events = begun.events()
    for event in events:
        if isinstance(event, EpochEnd) and event.epoch == 2:
            break
    resumed = Training(plan, TABLE, state=begun.snapshot())
    rest = [e for e in resumed.events() if isinstance(e, EpochEnd)]
    assert [e.diagnostics for e in rest] == [e.diagnostics for e in whole[2:]]
    assert [replace(e, seconds=0.0) for e in rest] == [replace(e, seconds=0.0) for e in whole[2:]]
