"""Training: what it tells, what follows from the seed, and the edges of the data."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest

from engine import (
    SGD,
    Checkpoints,
    Dense,
    Diverged,
    Dropout,
    EpochEnd,
    Holdout,
    InvalidData,
    InvalidSpec,
    Model,
    NetworkSpec,
    NoValidation,
    Progress,
    Recipe,
    Stopped,
    Table,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Linear, Softmax, Tanh
from engine.losses import CrossEntropy, MeanSquaredError, Poisson
from engine.training import time_slice as pace
from tests.engine.samples import classes_table, regression_table, run, start

ALMOST_NONE: list[list[Any]] = [[], [Dropout(rate=0.0)]]


def recipe(**options: Any) -> Recipe:
    shape: dict[str, Any] = {"epochs": 3, "batch_size": 8, "seed": 1, "precision": "float64"}
    shape |= {k: options.pop(k) for k in list(options) if k in TrainingSpec.__annotations__}
    chosen: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=4, activation=Tanh())]),
        "training": TrainingSpec(**shape),
    }
    return Recipe(**(chosen | options))


class TestEvents:
    def test_an_epoch_at_a_time_and_an_end(self) -> None:
        events = list(start(recipe(), regression_table()).events())
        told = [event for event in events if not isinstance(event, Progress)]
        assert [e.epoch for e in told if isinstance(e, EpochEnd)] == [1, 2, 3]
        assert told[-1] == Stopped("completed")

    def test_progress_between_steps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)
        events = list(start(recipe(), regression_table()).events())
        progress = [event for event in events if isinstance(event, Progress)]
        assert [(p.epoch, p.step) for p in progress] == [
            (epoch, 4 * (epoch - 1) + step) for epoch in (1, 2, 3) for step in (1, 2, 3)
        ]
        assert progress[0].fraction == pytest.approx(1 / 12)
        assert progress[-1].fraction == pytest.approx(11 / 12)

    def test_an_epoch_says_what_happened(self) -> None:
        (first, *_) = run(recipe(checkpoints=Checkpoints(every=2)), regression_table()).epochs
        assert (first.samples, first.fold, first.learning_rate) == (32, 0, 0.001)
        assert first.seconds > 0
        assert first.improved
        assert first.train.keys() == {"loss", "mae", "r2"}

    def test_checkpoints_are_due_every_so_many_epochs(self) -> None:
        finished = run(recipe(checkpoints=Checkpoints(every=2), epochs=5), regression_table())
        assert [e.checkpoint_due for e in finished.epochs] == [False, True, False, True, False]
        assert not any(e.checkpoint_due for e in run(recipe(), regression_table()).epochs)

    def test_whoever_stops_asking_stops_the_run(self) -> None:
        running = start(recipe(epochs=1000), regression_table())
        events = running.events()
        next(events)
        events.close()  # type: ignore[attr-defined]
        assert running.snapshot().epoch <= 1

    def test_training_metrics_are_taken_while_the_weights_move(self) -> None:
        """With one full batch, the loss of an epoch is the one before its only step."""
        table = regression_table()
        full = recipe(batch_size=1000, validation=NoValidation())
        finished = run(full, table)
        for before, epoch in zip(finished.snapshots, finished.epochs[1:], strict=False):
            again = run(replace(full, training=replace(full.training, epochs=9)), table, before)
            assert again.epochs[0].train == epoch.train


class TestSeed:
    def test_the_same_seed_gives_the_same_bits(self) -> None:
        first, again = (run(recipe(), regression_table()).state.to_bytes() for _ in range(2))
        assert first == again

    def test_another_seed_gives_another_run(self) -> None:
        first, other = (run(recipe(seed=s), regression_table()).state for s in (1, 2))
        assert first.weights_sha256 != other.weights_sha256

    def test_a_seed_that_is_not_given_is_drawn_and_reported(self) -> None:
        task = infer_task(regression_table(), "y")
        seeds = {resolve(recipe(seed=None), task).training.seed for _ in range(5)}
        assert len(seeds) == 5
        assert all(seed is not None and 0 <= seed < 2**53 for seed in seeds)

    def test_streams_do_not_disturb_one_another(self) -> None:
        """Dropout draws masks, and start and order of the rows stay what they were."""
        plain, noisy = (
            start(recipe(network=NetworkSpec(layers=layers)), regression_table())
            for layers in ALMOST_NONE
        )
        ends = [
            [e.train for e in list(t.events()) if isinstance(e, EpochEnd)] for t in (plain, noisy)
        ]
        assert ends[0] == ends[1]

    def test_masks_differ_from_step_to_step(self) -> None:
        table = regression_table(64)
        still = SGD(learning_rate=1e-300)
        finished = run(
            recipe(
                network=NetworkSpec(layers=[Dropout(rate=0.5)]),
                optimizer=still,
                shuffle=False,
                batch_size=64,
                validation=NoValidation(),
                epochs=5,
            ),
            table,
        )
        losses = [epoch.train["loss"] for epoch in finished.epochs]
        assert len(set(losses)) == 5

    def test_shuffling_changes_with_the_epoch_and_uses_every_row_once(self) -> None:
        """A learning rate too small to move anything: the sums of an epoch never change."""
        still = recipe(optimizer=SGD(learning_rate=1e-300), epochs=4, validation=NoValidation())
        losses = [epoch.train["loss"] for epoch in run(still, regression_table(500)).epochs]
        np.testing.assert_allclose(losses, losses[0], rtol=1e-13)
        assert len(set(losses)) > 1, "added up in different orders"

    def test_without_shuffling_rows_come_as_they_are(self) -> None:
        still = recipe(
            optimizer=SGD(learning_rate=1e-300), epochs=3, validation=NoValidation(), shuffle=False
        )
        assert len({e.train["loss"] for e in run(still, regression_table()).epochs}) == 1

    def test_single_precision_stays_near_double(self) -> None:
        double, single = (
            run(recipe(precision=p, epochs=20), regression_table()) for p in ("float64", "float32")
        )
        assert single.state.theta.dtype == np.float32
        np.testing.assert_allclose(single.state.theta, double.state.theta, atol=1e-4)
        assert single.epochs[-1].train["loss"] == pytest.approx(
            double.epochs[-1].train["loss"], rel=1e-4
        )


class TestEdges:
    def test_a_last_batch_of_one_row(self) -> None:
        finished = run(recipe(validation=NoValidation()), regression_table(17))
        assert finished.training.outline.plan.steps_per_epoch == 3
        assert [epoch.samples for epoch in finished.epochs] == [17] * 3
        assert finished.state.step == 9

    @pytest.mark.parametrize("table", [regression_table(features=1), classes_table(features=1)])
    def test_one_feature(self, table: Table) -> None:
        assert len(run(recipe(), table).epochs) == 3

    def test_a_batch_larger_than_the_data_is_a_full_batch(self) -> None:
        finished = run(recipe(batch_size=1000), regression_table())
        plan = finished.training.outline.plan
        assert (plan.batch_size, plan.steps_per_epoch) == (32, 1)
        assert any("batch_size 1000" in warning for warning in plan.warnings)
        exact = run(recipe(batch_size=32), regression_table())
        assert exact.state.weights_sha256 == finished.state.weights_sha256
        assert not exact.training.outline.plan.warnings

    def test_batches_of_one_row(self) -> None:
        finished = run(recipe(batch_size=1), regression_table(10))
        assert finished.state.step == 24

    def test_a_class_may_be_missing_from_a_batch(self) -> None:
        table = classes_table(rows=24, classes=4)
        in_blocks = table.take(np.argsort(np.arange(24) % 4, kind="stable"))
        finished = run(
            recipe(batch_size=6, shuffle=False, validation=NoValidation(), epochs=50), in_blocks
        )
        assert finished.epochs[-1].train["loss"] < finished.epochs[0].train["loss"]

    def test_one_epoch(self) -> None:
        finished = run(recipe(epochs=1), regression_table())
        assert [epoch.epoch for epoch in finished.epochs] == [1]
        assert finished.state.best_epoch == 1

    @pytest.mark.parametrize(
        "table", [regression_table(), classes_table(), classes_table(classes=2)]
    )
    def test_no_hidden_layer(self, table: Table) -> None:
        finished = run(recipe(network=NetworkSpec(), epochs=30), table)
        assert finished.epochs[-1].train["loss"] < finished.epochs[0].train["loss"]

    def test_a_validation_part_whose_target_does_not_vary(self) -> None:
        values = [1.0] * 19 + [2.0]
        table = Table.from_columns({"x": list(range(20)), "y": values})
        spared = next(
            seed
            for seed in range(50)
            if 19 not in start(recipe(seed=seed), table).outline.split.validation_indices
        )
        for epoch in run(recipe(seed=spared), table).epochs:
            assert epoch.validation is not None
            assert np.isfinite(epoch.validation["loss"])
            assert np.isnan(epoch.validation["r2"])

    def test_dropout_is_off_in_validation(self) -> None:
        """Weights that hardly move: the validation loss is the same in every epoch."""
        dropped = recipe(
            network=NetworkSpec(layers=[Dropout(rate=0.5)]), optimizer=SGD(learning_rate=1e-300)
        )
        losses = [
            e.validation["loss"] for e in run(dropped, regression_table()).epochs if e.validation
        ]
        assert len(set(losses)) == 1

    def test_the_validation_rows_leave_no_trace_in_the_weights(self) -> None:
        table = regression_table()
        first = run(recipe(), table)
        held = first.training.outline.split.validation_indices
        changed = {name: values.copy() for name, values in table.columns.items()}
        for values in changed.values():
            values[held] = values[held] * 3.0 + 100.0
        other = run(recipe(), Table(changed, table.kinds))
        assert other.state.weights_sha256 == first.state.weights_sha256
        assert other.epochs[-1].validation != first.epochs[-1].validation


class TestDivergence:
    def diverge(self, **options: Any) -> tuple[Diverged, list[Any], Any]:
        running = start(
            recipe(optimizer=SGD(learning_rate=1e4), epochs=1000, **options), regression_table()
        )
        seen = []
        events = running.events()
        with pytest.raises(Diverged) as caught:  # noqa: PT012 - what came before it counts too
            while True:
                seen.append((next(events), running.snapshot()))
        return caught.value, seen, running

    @pytest.mark.parametrize("precision", ["float32", "float64"])
    def test_says_where(self, precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pace, "SLICE_SECONDS", 0.0)
        network = NetworkSpec(layers=[Dense(units=4, activation=Linear())])
        error, seen, running = self.diverge(network=network, precision=precision)
        steps = running.outline.plan.steps_per_epoch
        assert error.epoch == (error.step - 1) // steps + 1
        assert error.layer in {"layers.0", "output", None}
        assert f"epoch {error.epoch}" in error.message
        assert "learning rate" in error.message
        epochs = [event for event, _ in seen if isinstance(event, EpochEnd)]
        assert len(epochs) == error.epoch - 1

    def test_the_last_epoch_before_is_usable(self) -> None:
        error, seen, running = self.diverge(network=NetworkSpec(), precision="float64")
        assert error.epoch > 1
        _, state = next(pair for pair in reversed(seen) if isinstance(pair[0], EpochEnd))
        assert state.epoch == error.epoch - 1
        assert np.isfinite(state.theta).all()
        o = running.outline
        prediction = Model.from_state(o.recipe, o.task, o.preprocessor, state).predict(
            regression_table()
        )
        assert np.isfinite(np.array(prediction.values, float)).all()

    def test_how_often_control_returns_does_not_change_where(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = []
        for seconds in (0.0, 60.0):
            monkeypatch.setattr(pace, "SLICE_SECONDS", seconds)
            error, _, _ = self.diverge(network=NetworkSpec())
            found.append((error.epoch, error.step, error.layer))
        assert found[0] == found[1]


class TestPlan:
    def test_counts(self) -> None:
        table = classes_table()
        task = infer_task(table, "y")
        plan = outline(resolve(recipe(), task), table, task).plan
        assert (plan.input_width, plan.outputs, plan.train_rows, plan.validation_rows) == (
            3,
            3,
            31,
            9,
        )
        assert plan.parameters == 3 * 4 + 4 + 4 * 3 + 3
        assert (plan.batch_size, plan.steps_per_epoch) == (8, 4)
        assert plan.memory_bytes > plan.parameters * 8
        assert [layer["name"] for layer in asdict(plan)["layers"]] == ["layers.0", "output"]

    def test_a_network_beyond_all_memory_can_be_planned(self) -> None:
        table = regression_table()
        task = infer_task(table, "y")
        layers: Any = [Dense(units=1_000_000), Dense(units=1_000_000)]
        huge = recipe(network=NetworkSpec(layers=layers))
        plan = outline(resolve(huge, task), table, task).plan
        assert plan.memory_bytes > 10**13


class TestResolve:
    def test_the_task_fills_what_is_open(self) -> None:
        regression = resolve(recipe(), infer_task(regression_table(), "y"))
        assert regression.chosen[0] == MeanSquaredError()
        assert regression.network.output_activation == Linear()
        classes = resolve(recipe(), infer_task(classes_table(), "y"))
        assert classes.chosen[0] == CrossEntropy()
        assert classes.network.output_activation == Softmax()

    def test_resolving_twice_changes_nothing(self) -> None:
        task = infer_task(classes_table(), "y")
        once = resolve(recipe(), task)
        assert resolve(once, task) == once

    @pytest.mark.parametrize(
        ("table", "options", "pointer"),
        [
            (regression_table(), {"loss": CrossEntropy()}, "/loss"),
            (classes_table(), {"loss": MeanSquaredError()}, "/loss"),
            (
                regression_table(),
                {"network": NetworkSpec(output_activation=Softmax())},
                "/network/output_activation",
            ),
            (
                classes_table(),
                {"network": NetworkSpec(output_activation=Linear())},
                "/network/output_activation",
            ),
            (
                classes_table(classes=2),
                {"network": NetworkSpec(output_activation=Softmax())},
                "/network/output_activation",
            ),
        ],
    )
    def test_what_does_not_fit_the_task_is_refused(
        self, table: Table, options: Any, pointer: str
    ) -> None:
        with pytest.raises(InvalidSpec) as caught:
            resolve(recipe(**options), infer_task(table, "y"))
        assert caught.value.pointer == pointer

    def test_counts_are_not_negative(self) -> None:
        """Below zero the Poisson loss has no minimum."""
        counts = Table.from_columns({"x": np.arange(30.0), "y": [*range(29), -1]})
        task = infer_task(counts, "y")
        assert task.kind == "regression"
        with pytest.raises(InvalidData, match="-1 is less than 0") as caught:
            outline(resolve(recipe(loss=Poisson()), task), counts, task)
        assert (caught.value.pointer, caught.value.row, caught.value.column) == ("/loss", 29, "y")
        run(recipe(loss=Poisson()), counts.take(np.arange(29)))

    def test_an_unresolved_recipe_is_refused(self) -> None:
        table = regression_table()
        with pytest.raises(InvalidSpec, match="resolve"):
            outline(recipe(), table, infer_task(table, "y"))

    def test_a_validation_without_rows_is_refused(self) -> None:
        with pytest.raises(InvalidSpec) as caught:
            start(recipe(validation=Holdout(fraction=0.01)), regression_table(10))
        assert caught.value.pointer == "/validation/fraction"
