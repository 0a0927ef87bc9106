"""Epochs that are walked together: told, looked at and left as if each had been walked alone."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import Any

import pytest

from engine import (
    SGD,
    Adam,
    Dense,
    Diverged,
    Dropout,
    EarlyStopping,
    EpochEnd,
    NetworkSpec,
    NoValidation,
    Progress,
    Recipe,
    Stopped,
    Table,
    Training,
    TrainingSpec,
)
from engine.layers import BatchNorm
from engine.optimizers import LBFGS
from engine.program.program import Program
from engine.recipe import Diagnostics
from engine.schedules import Cosine, ReduceOnPlateau
from tests.engine.samples import classes_table, regression_table, start

EPOCHS = 200


def recipe(**members: Any) -> Recipe:
    layers: list[Any] = [Dense(units=5), Dropout(rate=0.2)]
    usual: dict[str, Any] = {
        "network": NetworkSpec(layers=layers),
        "optimizer": Adam(learning_rate=0.01),
        "training": TrainingSpec(epochs=EPOCHS, batch_size=8, seed=3),
    }
    return Recipe(**usual | members)


def told(event: object) -> dict[str, Any]:
    """What an event says, but for how long it took."""
    assert isinstance(event, EpochEnd | Progress | Stopped)
    return asdict(event) | {"seconds": None}


def one_by_one(training: Training) -> list[tuple[dict[str, Any], bytes]]:
    """Every event with the state then; a pause is wanted after each epoch."""
    steps = training.outline.plan.steps_per_epoch
    found = []
    training.pause_at(training.steps_done + steps)
    for event in training.events():
        found.append((told(event), training.snapshot().to_bytes()))
        training.pause_at(training.steps_done + steps)
    return found


def together(training: Training) -> list[tuple[dict[str, Any], bytes]]:
    return [(told(event), training.snapshot().to_bytes()) for event in training.events()]


VARIANTS: dict[str, Recipe] = {
    "validated": recipe(),
    "not validated": recipe(validation=NoValidation()),
    "in order": recipe(training=TrainingSpec(epochs=EPOCHS, batch_size=8, seed=3, shuffle=False)),
    "with state of layers": recipe(network=NetworkSpec(layers=[Dense(units=5), BatchNorm()])),
    "with numbers of the optimizer": recipe(
        optimizer=LBFGS(), training=TrainingSpec(epochs=EPOCHS, batch_size=64, seed=3)
    ),
    "without an optimizer's memory": recipe(optimizer=SGD(learning_rate=0.1)),
    "scheduled": recipe(schedule=Cosine()),
    "plateaus": recipe(
        optimizer=Adam(learning_rate=0.5), schedule=ReduceOnPlateau(patience=2, factor=0.5)
    ),
    "stopped early": recipe(
        optimizer=Adam(learning_rate=0.5), stopping=[EarlyStopping(patience=5)]
    ),
    "with diagnostics": recipe(diagnostics=Diagnostics(every=7)),
    "double": recipe(training=TrainingSpec(epochs=EPOCHS, seed=3, precision="float64")),
}


@pytest.mark.parametrize("table", [regression_table(), classes_table()], ids=["value", "class"])
@pytest.mark.parametrize("chosen", VARIANTS.values(), ids=VARIANTS.keys())
def test_every_epoch_is_the_same_as_alone(chosen: Recipe, table: Table) -> None:
    alone, in_company = one_by_one(start(chosen, table)), together(start(chosen, table))
    assert [event for event, _ in in_company] == [event for event, _ in alone]
    assert [state for _, state in in_company] == [state for _, state in alone]


@pytest.mark.parametrize("last", [1, 2, 30, 77, 150])
def test_whoever_leaves_at_an_epoch_finds_the_run_there(last: int) -> None:
    table = regression_table()
    whole = together(start(recipe(), table))
    left = start(recipe(), table)
    before = [told(event) for event in islice(left.events(), last)]
    state = left.snapshot()
    resumed = start(recipe(), table, state)
    assert (state.epoch, left.epochs_done, left.steps_done) == (last, last, state.step)
    for training in (left, resumed):
        after = [told(event) for event in training.events()]
        assert before + after == [event for event, _ in whole]
        assert training.snapshot().to_bytes() == whole[-1][1]


def test_a_pause_may_be_wanted_at_any_time() -> None:
    """Also in the middle of epochs that were walked together, and taken back."""
    table = regression_table()
    training = start(recipe(), table)
    found = []
    for event in training.events():
        found.append((told(event), training.snapshot().to_bytes()))
        if training.epochs_done % 30 in (10, 11):
            training.pause_at(training.steps_done + 9 if training.epochs_done % 30 == 10 else None)
    assert [each for each in found if "improved" in each[0]] == together(start(recipe(), table))[
        :-1
    ]


def _follow(training: Training, events: list[object], *, alone: bool) -> None:
    """Take events in; ``alone`` with a pause after every update."""
    training.pause_at(1 if alone else None)
    for event in training.events():
        events.append(event)
        if alone:
            training.pause_at(training.steps_done + 1)


def test_where_a_run_diverges_it_is_told_as_alone() -> None:
    """The loss of a mini-batch becomes infinite in the middle of a stretch."""
    growing = recipe(
        network=NetworkSpec(layers=[]),
        optimizer=SGD(learning_rate=1.5),
        validation=NoValidation(),
    )
    found = []
    for alone in (True, False):
        training = start(growing, regression_table())
        events: list[object] = []
        with pytest.raises(Diverged) as caught:
            _follow(training, events, alone=alone)
        ended = [told(event) for event in events if isinstance(event, EpochEnd)]
        found.append((ended, str(caught.value), vars(caught.value), training.steps_done))
    assert len(found[0][0]) > 2
    assert found[0] == found[1]


def test_epochs_of_a_small_network_are_walked_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """The interpreter has a part in few of them."""
    walks: list[int] = []
    walk = Program.train_epochs

    def counted(self: Program, *arguments: Any, **named: Any) -> int:
        walks.append(len(named["totals"]))
        return walk(self, *arguments, **named)

    monkeypatch.setattr(Program, "train_epochs", counted)
    together(start(recipe(), regression_table()))
    assert len(walks) < EPOCHS / 10
    assert sum(walks) > EPOCHS / 2
