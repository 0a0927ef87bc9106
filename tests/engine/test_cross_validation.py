"""Cross-validation: the folds, their trainings, and the last one on all rows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import LeaveOneOut as SklearnLeaveOneOut
from sklearn.model_selection import StratifiedKFold

from engine import (
    CrossValidated,
    Dense,
    EarlyStopping,
    EpochEnd,
    FoldEnd,
    InvalidSpec,
    KFold,
    LeaveOneOut,
    Model,
    NetworkSpec,
    NoValidation,
    Recipe,
    Stopped,
    Table,
    Training,
    TrainingSpec,
    TrainingState,
    Validation,
    infer_task,
    outline,
    resolve,
    split,
    start,
)
from engine.activations import Linear
from engine.errors import Diverged
from engine.losses import MeanSquaredError
from engine.optimizers import SGD
from engine.schedules import ReduceOnPlateau
from engine.training import resources
from engine.training import time_slice as pace
from engine.training.events import Progress
from engine.training.resources import Resources
from tests.engine.samples import classes_table, regression_table

RECIPE = Recipe(
    network=NetworkSpec(layers=[Dense(units=4)]),
    training=TrainingSpec(epochs=3, batch_size=8, seed=7),
)


def begin(
    recipe: Recipe, table: Table, state: TrainingState | None = None, cores: int = 1
) -> tuple[CrossValidated, list[Any], list[TrainingState]]:
    """A whole run with its events, and the state at each of them."""
    task = infer_task(table, "y")
    run = start(resolve(recipe, task), table, task, state=state, resources=Resources(cores))
    assert isinstance(run, CrossValidated)
    events, states = [], []
    for event in run.events():
        events.append(event)
        states.append(run.snapshot())
    return run, events, states


def held_out(validation: Validation, table: Table, folds: int) -> list[np.ndarray[Any, Any]]:
    task = infer_task(table, "y")
    parts = [split(validation, table, task, 3, fold) for fold in range(1, folds + 1)]
    for part in parts:
        both = np.concatenate([part.train_indices, part.validation_indices])
        assert np.array_equal(np.sort(both), np.arange(table.rows))
    return [part.validation_indices for part in parts]


@pytest.mark.parametrize("rows", [40, 41, 43])
def test_every_row_is_held_out_once_in_each_repeat(rows: int) -> None:
    held = held_out(KFold(folds=4, repeats=3), regression_table(rows), 12)
    for repeat in range(3):
        own = held[4 * repeat : 4 * repeat + 4]
        assert np.array_equal(np.sort(np.concatenate(own)), np.arange(rows))
        assert np.ptp([len(rows) for rows in own]) <= 1
    assert not np.array_equal(held[0], held[4])


def test_strata_are_as_even_as_those_of_scikit_learn() -> None:
    table = classes_table(53, classes=3)
    codes = infer_task(table, "y").codes(table)
    theirs = StratifiedKFold(5, shuffle=True, random_state=0).split(codes, codes)
    expected = [np.sort(np.bincount(codes[test], minlength=3)) for _, test in theirs]
    held = held_out(KFold(folds=5), table, 5)
    counts = np.array([np.bincount(codes[rows], minlength=3) for rows in held])
    assert (np.ptp(counts, axis=0) <= 1).all()
    assert np.ptp(counts.sum(axis=1)) <= 1
    assert np.ptp(np.array(expected).sum(axis=1)) <= np.ptp(counts.sum(axis=1)) + 2


def test_one_row_is_left_out_at_a_time() -> None:
    table = regression_table(12)
    held = held_out(LeaveOneOut(), table, 12)
    theirs = [test.tolist() for _, test in SklearnLeaveOneOut().split(np.arange(12))]
    assert sorted(rows.tolist() for rows in held) == theirs


@pytest.mark.parametrize(
    ("validation", "table", "pointer"),
    [
        (KFold(folds=50), regression_table(40), "/validation/folds"),
        (LeaveOneOut(), regression_table(501), "/validation/kind"),
        (KFold(folds=2), Table.from_columns({"x": [1.0] * 5, "y": list("aaaab")}), "/validation"),
    ],
)
def test_rows_that_are_too_few_or_too_many(
    validation: Validation, table: Table, pointer: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        begin(replace(RECIPE, validation=validation), table)
    assert refused.value.pointer == pointer


def test_a_schedule_that_watches_what_the_last_training_does_not_have() -> None:
    task = infer_task(regression_table(), "y")
    schedule = ReduceOnPlateau(part="validation")
    with pytest.raises(InvalidSpec) as refused:
        resolve(replace(RECIPE, schedule=schedule, validation=KFold()), task)
    assert refused.value.pointer == "/schedule/part"
    resolve(replace(RECIPE, schedule=schedule, validation=KFold(refit=False)), task)


@pytest.mark.parametrize("table", [regression_table(), classes_table()])
def test_each_fold_is_a_training_of_its_own(table: Table) -> None:
    recipe = replace(RECIPE, validation=KFold(folds=3, repeats=2))
    run, events, _ = begin(recipe, table)
    task = infer_task(table, "y")
    for event in (each for each in events if isinstance(each, FoldEnd)):
        alone = outline(resolve(recipe, task), table, task, fold=event.result.fold)
        training = Training(alone, table)
        best = None
        for each in training.events():
            if isinstance(each, EpochEnd) and each.improved:
                best = (each, training.snapshot())
        assert best is not None
        assert event.result.best_epoch == best[0].epoch
        assert event.result.validation == best[0].validation
        model = Model.from_state(alone.recipe, task, alone.preprocessor, best[1])
        expected = model.predict(table.take(alone.split.validation_indices))
        assert event.prediction.values == expected.values
    assert [each.fold for each in run.results] == [1, 2, 3, 4, 5, 6]
    assert [each.repeat for each in run.results] == [1, 1, 1, 2, 2, 2]


def test_folds_start_from_different_weights() -> None:
    table = regression_table()
    task = infer_task(table, "y")
    recipe = resolve(replace(RECIPE, validation=KFold(folds=3)), task)
    seeds = {outline(recipe, table, task, fold=k).recipe.training.seed for k in range(4)}
    assert len(seeds) == 4
    assert 7 in seeds


def test_the_last_training_is_the_one_on_all_rows() -> None:
    table = classes_table()
    run, events, states = begin(replace(RECIPE, validation=KFold(folds=3)), table)
    task = infer_task(table, "y")
    plain = resolve(replace(RECIPE, validation=NoValidation()), task)
    alone = Training(outline(plain, table, task), table)
    list(alone.events())
    assert states[-1].weights_sha256 == alone.snapshot().weights_sha256
    last = [event for event in events if isinstance(event, EpochEnd)][-3:]
    assert [(event.fold, event.improved) for event in last] == [(0, False), (0, False), (0, True)]
    assert (run.epochs, run.epochs_done) == (12, 12)
    assert isinstance(events[-1], Stopped)


def test_it_lasts_as_long_as_the_folds_needed() -> None:
    recipe = replace(
        RECIPE,
        training=TrainingSpec(epochs=60, batch_size=4, seed=1),
        optimizer=replace(RECIPE.optimizer, learning_rate=0.1),
        stopping=[EarlyStopping(patience=2)],
        validation=KFold(folds=4),
    )
    run, events, _ = begin(recipe, regression_table())
    needed = round(np.mean([each.best_epoch for each in run.results]))
    refit = [e for e in events if isinstance(e, EpochEnd) and e.fold == 0]
    assert len(refit) == needed < 60
    assert {each.stop_reason for each in run.results} == {"early_stopping"}


def test_without_it_the_best_fold_is_the_model() -> None:
    recipe = replace(RECIPE, validation=KFold(folds=4, refit=False))
    run, events, _ = begin(recipe, regression_table())
    best = [event for event in events if isinstance(event, EpochEnd) and event.improved][-1]
    lowest = min(run.results, key=lambda each: each.best or np.inf)
    assert (best.fold, best.epoch) == (lowest.fold, lowest.best_epoch)


def digest(state: TrainingState) -> str:
    return hashlib.sha256(state.to_bytes()).hexdigest()


def test_a_run_resumed_anywhere_ends_with_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)  # an event after every mini-batch
    recipe = replace(RECIPE, validation=KFold(folds=2), training=replace(RECIPE.training, epochs=2))
    table = classes_table()
    _, events, states = begin(recipe, table)
    assert len(states) > 20
    ends = [e for e in events if isinstance(e, FoldEnd)]
    for place, state in enumerate(states[:-1]):
        _, after, resumed = begin(recipe, table, TrainingState.from_bytes(state.to_bytes()))
        assert digest(resumed[-1]) == digest(states[-1])
        told = [event.result for event in after if isinstance(event, FoldEnd)]
        assert told == [e.result for e in ends if e in events[place:]]


def test_a_state_without_its_best_network_is_another_one() -> None:
    """The negative control: what is left out of a state is missed."""
    recipe = replace(RECIPE, validation=KFold(folds=2))
    _, _, states = begin(recipe, classes_table())
    state = states[1]
    assert state.folds is not None
    assert state.folds.theta is not None
    worse = replace(state, folds=replace(state.folds, theta=np.zeros_like(state.folds.theta)))
    assert digest(worse) != digest(state)
    assert digest(TrainingState.from_bytes(state.to_bytes())) == digest(state)


@pytest.fixture
def every_fold_is_worth_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "MIN_WORK", 0)


def epochs_of(events: list[Any]) -> dict[tuple[int, int], Any]:
    """What was measured, by fold and epoch."""
    ends = [event for event in events if isinstance(event, EpochEnd)]
    told = {(e.fold, e.epoch): (e.train, e.validation, e.learning_rate, e.samples) for e in ends}
    assert len(told) == len(ends)
    return told


STOPPED_EARLY = replace(
    RECIPE,
    training=replace(RECIPE.training, epochs=30),
    optimizer=replace(RECIPE.optimizer, learning_rate=0.05),
    stopping=[EarlyStopping(patience=2)],
)


@pytest.mark.usefixtures("every_fold_is_worth_a_thread")
@pytest.mark.parametrize("cores", [2, 3, 16])
@pytest.mark.parametrize(
    "recipe",
    [
        replace(RECIPE, validation=KFold(folds=3, repeats=2)),
        replace(RECIPE, validation=KFold(folds=4, refit=False)),
        replace(STOPPED_EARLY, validation=KFold(folds=5)),
    ],
)
def test_side_by_side_every_number_is_the_same(recipe: Recipe, cores: int) -> None:
    table = classes_table()
    alone, told, states = begin(recipe, table)
    together, events, others = begin(recipe, table, cores=cores)
    assert together.results == alone.results
    assert epochs_of(events) == epochs_of(told)
    assert together.epochs_done == alone.epochs_done
    assert together.steps_done == alone.steps_done
    if recipe.validation.refit:  # type: ignore[attr-defined]
        assert others[-1].to_bytes() == states[-1].to_bytes()
    folds = {e.fold for e in events if isinstance(e, EpochEnd) and e.epoch == 1}
    assert [e.fold for e in events if isinstance(e, EpochEnd)][: min(cores, 3)] == sorted(
        folds - {0}
    )[: min(cores, 3)]
    best = [
        [(e.fold, e.epoch) for e in each if isinstance(e, EpochEnd) and e.improved][-1]
        for each in (told, events)
    ]
    assert best[0] == best[1]
    predictions = [
        {e.result.fold: e.prediction.values for e in each if isinstance(e, FoldEnd)}
        for each in (told, events)
    ]
    assert predictions[0] == predictions[1]


@pytest.mark.usefixtures("every_fold_is_worth_a_thread")
@pytest.mark.parametrize("cores", [1, 2, 3])
def test_side_by_side_it_can_be_resumed_anywhere(
    monkeypatch: pytest.MonkeyPatch, cores: int
) -> None:
    """Also with room for fewer or more trainings than before, and no epoch is lost or doubled."""
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)
    recipe = replace(RECIPE, validation=KFold(folds=3), training=replace(RECIPE.training, epochs=2))
    table = classes_table()
    run, events, states = begin(recipe, table, cores=2)
    assert any(state.folds and state.folds.untold for state in states)
    for place, state in enumerate(states[:-1]):
        kept = TrainingState.from_bytes(state.to_bytes())
        assert digest(kept) == digest(state)
        again, after, resumed = begin(recipe, table, kept, cores=cores)
        assert digest(resumed[-1]) == digest(states[-1])
        assert again.results == run.results
        before = epochs_of(events[: place + 1])
        assert not before.keys() & epochs_of(after).keys()
        assert before | epochs_of(after) == epochs_of(events)


@pytest.mark.usefixtures("every_fold_is_worth_a_thread")
def test_what_is_done_only_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)
    recipe = replace(RECIPE, validation=KFold(folds=4))
    _, events, states = begin(recipe, classes_table(), cores=3)
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] < 1
    steps = [state.all_steps for state in states]
    assert steps == sorted(steps)


@pytest.mark.usefixtures("every_fold_is_worth_a_thread")
def test_one_fold_that_diverges_ends_them_all() -> None:
    wild = replace(
        RECIPE,
        optimizer=SGD(learning_rate=1e6),
        loss=MeanSquaredError(),
        validation=KFold(folds=3),
        network=NetworkSpec(layers=[Dense(units=4, activation=Linear())]),
    )
    with pytest.raises(Diverged):
        begin(wild, regression_table(), cores=2)


def test_there_is_room_for_what_is_worth_it() -> None:
    table = classes_table()
    task = infer_task(table, "y")
    small = outline(resolve(RECIPE, task), table, task).plan
    large = replace(small, parameters=10**6, train_rows=1000, memory_bytes=1 << 30)
    assert Resources(cores=8).trainings(small) == 1
    assert Resources(cores=8).trainings(large) == 8
    assert Resources(cores=8, memory_bytes=3 << 30).trainings(large) == 3
    assert Resources(cores=8, memory_bytes=1).trainings(large) == 1
    assert Resources().trainings(large) == 1
