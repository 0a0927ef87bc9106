"""A run that is resumed from any point ends with the same bits as one that never stopped."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
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
)
from engine.activations import Tanh
from engine.clipping import ClipNorm
from engine.data.weighting import Weighting
from engine.layers import BatchNorm
from engine.optimizers import Nadam
from engine.schedules import Cosine, ReduceOnPlateau
from engine.training import time_slice as pace
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import Run, classes_table, labels_table, regression_table, run

MEMBERS = {
    family: [examples(member)[0] for member in members(family)]
    for family in ("optimizer", "schedule", "layer", "regularizer", "clipping", "stopping")
}
"""Every member of these families, with its defaults."""
DENSE = [Dense(units=3, activation=member()) for member in members("activation")]
EXAMPLES = [
    example
    for family in ("optimizer", "schedule", "layer", "regularizer", "clipping", "augmentation")
    for member in members(family)
    for example in examples(member)
]
EPOCHS, BATCH = 3, 7
TABLES = {
    "regression": regression_table(),
    "binary": classes_table(classes=2),
    "multiclass": classes_table(classes=3),
    "multilabel": labels_table(),
}
NEVER: dict[str, Any] = {"patience": 100, "seconds": 1e6, "value": -1e6, "width": 1e-30}
"""What keeps the stopping rules that have such a field from ending these short runs."""


@pytest.fixture(autouse=True)
def control_returns_after_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A time slice of nothing: an event, and so a snapshot, between any two mini-batches."""
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)


def recipe(**options: Any) -> Recipe:
    """26 training rows: three batches of seven and one of five, or a full one."""
    chosen: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=3, activation=Tanh()), Dropout(rate=0.25)]),
        "optimizer": Adam(learning_rate=0.05),
        "schedule": Cosine(),
        "validation": Holdout(fraction=0.35),
        "stopping": [EarlyStopping(patience=100)],
    } | options
    batch = 1000 if chosen["optimizer"].full_batch else BATCH
    shape = TrainingSpec(epochs=EPOCHS, batch_size=batch, seed=5, precision="float64")
    return Recipe(**({"training": shape} | chosen))


def steady(optimizer: Any) -> Any:
    """Slow enough for three epochs never to diverge."""
    return replace(optimizer, learning_rate=min(optimizer.learning_rate, 0.05))


def comparable(finished: Run, recipe: Recipe) -> bytes:
    """The whole state; without the memory of rules that look at the clock."""
    memory = tuple(
        remembered if rule.reproducible else {}
        for rule, remembered in zip(recipe.stopping, finished.state.stopping, strict=True)
    )
    return replace(finished.state, stopping=memory).to_bytes()


def assert_same_end(recipe: Recipe, table: Any, middle: tuple[int, ...] = (1, 4, 5)) -> None:
    """Resume from these snapshots: within the first epoch, and the second, and between."""
    whole = run(recipe, table)
    steps = whole.training.outline.plan.steps_per_epoch
    assert steps == (1 if recipe.optimizer.full_batch else 4)
    assert len(whole.snapshots) == steps * EPOCHS + 1, "one for every step, one for the end"
    for place in middle:
        state = whole.snapshots[place * steps // 4]
        resumed = run(recipe, table, TrainingState.from_bytes(state.to_bytes()))
        assert comparable(resumed, recipe) == comparable(whole, recipe)
        rest = [e for e in whole.epochs if e.epoch > state.epoch]
        assert [replace(e, seconds=0) for e in resumed.epochs] == [
            replace(e, seconds=0) for e in rest
        ]


@pytest.mark.parametrize("optimizer", MEMBERS["optimizer"], ids=titles(MEMBERS["optimizer"]))
@pytest.mark.parametrize("schedule", MEMBERS["schedule"], ids=titles(MEMBERS["schedule"]))
@pytest.mark.parametrize("layer", MEMBERS["layer"], ids=titles(MEMBERS["layer"]))
def test_every_optimizer_with_every_schedule_and_layer(
    optimizer: Any, schedule: Any, layer: Any
) -> None:
    network = NetworkSpec(layers=[layer, Dense(units=3, activation=Tanh()), layer])
    wanted = recipe(optimizer=steady(optimizer), schedule=schedule, network=network)
    assert_same_end(wanted, TABLES["regression"], middle=(5,))


@pytest.mark.parametrize("example", EXAMPLES, ids=titles(EXAMPLES))
def test_every_choice_of_a_member(example: Any) -> None:
    family = type(example).__family__
    if family == "optimizer":
        wanted = recipe(optimizer=steady(example))
    elif family == "layer":
        if not getattr(getattr(example, "activation", Tanh()), "differentiable", True):
            return  # refused before it is ever trained
        wanted = recipe(network=NetworkSpec(layers=[example, Dense(units=2)]))
    elif family == "regularizer":
        wanted = recipe(regularizers=[example])
    elif family == "augmentation":
        is_image = hasattr(example, "width")
        sized = replace(example, width=3, height=1, channels=1) if is_image else example
        wanted = recipe(augmentation=[sized])
    else:
        wanted = recipe(**{family: example})
    assert_same_end(wanted, TABLES["regression"])


@pytest.mark.parametrize("layer", DENSE, ids=titles(DENSE))
def test_every_activation(layer: Dense) -> None:
    if layer.activation.differentiable:
        network = NetworkSpec(layers=[layer, layer])
        assert_same_end(recipe(network=network), TABLES["multiclass"])


@pytest.mark.parametrize("regularizer", MEMBERS["regularizer"], ids=titles(MEMBERS["regularizer"]))
@pytest.mark.parametrize("loss", members("loss"), ids=lambda m: str(m.__name__))
def test_every_loss_and_regularizer(loss: Any, regularizer: Any) -> None:
    for task in loss.tasks:
        options: Any = {} if loss.passes_back else {"network": NetworkSpec()}
        wanted = recipe(loss=loss(), regularizers=[regularizer], **options)
        assert_same_end(wanted, TABLES[task], middle=(5,))


@pytest.mark.parametrize("rule", MEMBERS["stopping"], ids=titles(MEMBERS["stopping"]))
def test_every_stopping_rule(rule: Any) -> None:
    names = {field.name for field in dataclasses.fields(rule)}
    calm = replace(rule, **{name: NEVER[name] for name in NEVER.keys() & names})
    assert_same_end(recipe(stopping=[calm, EarlyStopping(patience=100)]), TABLES["regression"])


def test_weights_of_rows_and_clipping() -> None:
    wanted = recipe(weighting=Weighting(classes="balanced"), clipping=ClipNorm(limit=0.1))
    assert_same_end(wanted, TABLES["multiclass"])


def test_single_precision() -> None:
    single = TrainingSpec(epochs=EPOCHS, batch_size=BATCH, seed=5)
    assert_same_end(recipe(training=single), TABLES["regression"])


def test_how_often_control_returns_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    often = run(recipe(), regression_table())
    monkeypatch.setattr(pace, "SLICE_SECONDS", 60.0)
    seldom = run(recipe(), regression_table())
    assert len(seldom.snapshots) < len(often.snapshots)
    assert seldom.state.to_bytes() == often.state.to_bytes()


def test_a_finished_run_stays_finished() -> None:
    whole = run(recipe(), regression_table())
    again = run(recipe(), regression_table(), whole.state)
    assert (again.epochs, again.reason) == ((), "completed")
    assert again.state.to_bytes() == whole.state.to_bytes()


def with_everything() -> Recipe:
    """Every part of the state matters: it stops early, slows down, and keeps statistics."""
    return recipe(
        network=NetworkSpec(layers=[Dense(units=3, activation=Tanh()), BatchNorm()]),
        optimizer=Nadam(learning_rate=0.05),
        schedule=ReduceOnPlateau(patience=1, min_delta=50.0),
        stopping=[EarlyStopping(patience=2, min_delta=50.0)],
        training=TrainingSpec(epochs=6, batch_size=BATCH, seed=5, precision="float64"),
    )


ARRAYS = ("theta", "slots", "scalars", "layer_state", "totals")
CONTROLS = (*ARRAYS, "schedule", "stopping")
COUNTERS = ("epoch", "step", "position")


def without(state: TrainingState, part: str) -> TrainingState:
    """The state as if one of its parts had not been saved."""
    value = getattr(state, part)
    empty: Any = {"stopping": tuple({} for _ in state.stopping), "schedule": {}}.get(part, 0)
    return replace(state, **{part: np.zeros_like(value) if part in ARRAYS else empty})


@pytest.mark.parametrize("part", [*CONTROLS, *COUNTERS])
def test_nothing_that_is_saved_could_be_left_out(part: str) -> None:
    """Negative controls: without any one part, the end is another one."""
    table = TABLES["regression"]
    whole = run(with_everything(), table)
    assert (whole.reason, len(whole.epochs)) == ("early_stopping", 3)
    middle = whole.snapshots[9]
    assert (middle.epoch, middle.position) == (2, 2), "in the middle of the third epoch"
    assert middle.schedule["factor"] < 1, "the rate has been reduced"
    assert run(with_everything(), table, middle).state.to_bytes() == whole.state.to_bytes()
    other = run(with_everything(), table, without(middle, part))
    assert other.state.to_bytes() != whole.state.to_bytes() or other.epochs[0].train != next(
        e.train for e in whole.epochs if e.epoch == 3
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
    """``stop_reason`` ends a run; the best epoch, folds and warm starts have tests of their own."""
    names = {field.name for field in dataclasses.fields(TrainingState)}
    elsewhere = {"stop_reason", "best", "best_epoch", "folds", "first_step"}
    assert names == {*CONTROLS, *COUNTERS, *elsewhere}
