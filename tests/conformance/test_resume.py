"""A run that is resumed from any point ends with the same bits as one that never stopped."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest

from engine import (
    Adam,
    Dense,
    Dropout,
    EarlyStopping,
    Holdout,
    NetworkSpec,
    Recipe,
    TrainingSpec,
    TrainingState,
    training,
)
from engine.activations import Tanh
from engine.schedules import Cosine
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import classes_table, regression_table, run

OPTIMIZERS = [example for member in members("optimizer") for example in examples(member)]
SCHEDULES = [examples(member)[-1] for member in members("schedule")]
LAYERS = [
    *(examples(member)[0] for member in members("layer")),
    *(Dense(units=3, activation=member()) for member in members("activation")),
]
EPOCHS, BATCH = 3, 7


@pytest.fixture(autouse=True)
def control_returns_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time slice of nothing: an event, and so a snapshot, between any two mini-batches."""
    monkeypatch.setattr(training, "SLICE_SECONDS", 0.0)


def recipe(**options: Any) -> Recipe:
    """26 training rows: three batches of seven and one of five."""
    chosen: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=3, activation=Tanh()), Dropout(rate=0.25)]),
        "optimizer": Adam(learning_rate=0.05),
        "schedule": Cosine(),
        "validation": Holdout(fraction=0.35),
        "stopping": [EarlyStopping(patience=100)],
        "training": TrainingSpec(epochs=EPOCHS, batch_size=BATCH, seed=5, precision="float64"),
    }
    return Recipe(**(chosen | options))


def assert_same_end(recipe: Recipe, table: Any) -> None:
    whole = run(recipe, table)
    assert len(whole.snapshots) == 4 * EPOCHS + 1, "one for every step, one for the end"
    for state in whole.snapshots[1:6]:
        resumed = run(recipe, table, TrainingState.from_bytes(state.to_bytes()))
        assert resumed.state.to_bytes() == whole.state.to_bytes()
        rest = [e for e in whole.epochs if e.epoch > state.epoch]
        assert [replace(e, seconds=0) for e in resumed.epochs] == [
            replace(e, seconds=0) for e in rest
        ]


PAIRS = list(product(OPTIMIZERS, SCHEDULES))


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    PAIRS,
    ids=[
        f"{a}-{type(s).__name__}"
        for a, (_, s) in zip(titles([o for o, _ in PAIRS]), PAIRS, strict=True)
    ],
)
def test_every_optimizer_with_every_schedule(optimizer: Any, schedule: Any) -> None:
    steady = replace(optimizer, learning_rate=min(optimizer.learning_rate, 0.05))
    assert_same_end(recipe(optimizer=steady, schedule=schedule), regression_table())


@pytest.mark.parametrize("optimizer", members("optimizer"), ids=lambda m: str(m.__name__))
@pytest.mark.parametrize("layer", LAYERS, ids=titles(LAYERS))
@pytest.mark.parametrize("classes", [2, 3])
def test_every_layer_with_every_optimizer(layer: Any, optimizer: Any, classes: int) -> None:
    network = NetworkSpec(layers=[layer, Dense(units=3, activation=Tanh()), layer])
    assert_same_end(recipe(network=network, optimizer=optimizer()), classes_table(classes=classes))


@pytest.mark.parametrize("regularizer", members("regularizer"), ids=lambda m: str(m.__name__))
@pytest.mark.parametrize("loss", members("loss"), ids=lambda m: str(m.__name__))
def test_every_loss_and_regularizer(loss: Any, regularizer: Any) -> None:
    table = regression_table() if "regression" in loss.tasks else classes_table()
    assert_same_end(recipe(loss=loss(), regularizers=[regularizer()]), table)


def test_single_precision() -> None:
    single = TrainingSpec(epochs=EPOCHS, batch_size=BATCH, seed=5)
    assert_same_end(recipe(training=single), regression_table())


def test_how_often_control_returns_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    often = run(recipe(), regression_table())
    monkeypatch.setattr(training, "SLICE_SECONDS", 60.0)
    seldom = run(recipe(), regression_table())
    assert len(seldom.snapshots) < len(often.snapshots)
    assert seldom.state.to_bytes() == often.state.to_bytes()


def test_a_finished_run_stays_finished() -> None:
    whole = run(recipe(), regression_table())
    again = run(recipe(), regression_table(), whole.state)
    assert (again.epochs, again.reason) == ((), "completed")
    assert again.state.to_bytes() == whole.state.to_bytes()


def stopping_early() -> Recipe:
    """Stops in the third epoch, because the second and the third bring too little."""
    rule = EarlyStopping(patience=2, min_delta=50.0)
    longer = TrainingSpec(epochs=6, batch_size=BATCH, seed=5, precision="float64")
    return recipe(stopping=[rule], training=longer)


def without(state: TrainingState, part: str) -> TrainingState:
    """The state as if one of its parts had not been saved."""
    value = getattr(state, part)
    empty: Any = np.zeros_like(value) if isinstance(value, np.ndarray) else 0
    if part == "stopping":
        empty = tuple({} for _ in value)
    return replace(state, **{part: empty})


@pytest.mark.parametrize(
    "part", ["theta", "slots", "totals", "epoch", "step", "position", "stopping"]
)
def test_nothing_that_is_saved_could_be_left_out(part: str) -> None:
    """Negative controls: without any one part, the end is another one."""
    table = regression_table()
    whole = run(stopping_early(), table)
    middle = whole.snapshots[5]
    assert (middle.epoch, middle.position) == (1, 2), "in the middle of the second epoch"
    assert run(stopping_early(), table, middle).state.to_bytes() == whole.state.to_bytes()
    other = run(stopping_early(), table, without(middle, part))
    assert other.state.to_bytes() != whole.state.to_bytes() or other.epochs[0].train != next(
        e.train for e in whole.epochs if e.epoch == 2
    )


def test_the_best_epoch_so_far_counts() -> None:
    """A past that nothing comes up to stays the best; forgotten, it does not."""
    middle = replace(run(recipe(), regression_table()).snapshots[5], best=-1.0, best_epoch=1)
    kept = run(recipe(), regression_table(), middle)
    assert (kept.state.best, kept.state.best_epoch) == (-1.0, 1)
    assert not any(epoch.improved for epoch in kept.epochs)
    forgotten = run(recipe(), regression_table(), replace(middle, best=None, best_epoch=None))
    assert forgotten.state.best_epoch != 1


def test_the_controls_cover_the_whole_state() -> None:
    """``layer_state`` is empty without layers that keep statistics; ``stop_reason`` ends a run."""
    covered = {"theta", "slots", "totals", "epoch", "step", "position", "stopping"}
    names = {field.name for field in dataclasses.fields(TrainingState)}
    assert names == covered | {"layer_state", "stop_reason", "best", "best_epoch"}
