"""The state before the first step: made without reading a row and without the compiler."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from engine import (
    SGD,
    Dense,
    EarlyStopping,
    NetworkSpec,
    Optimizer,
    Recipe,
    TrainingSpec,
    TrainingState,
    fresh_state,
)
from engine.layers import BatchNorm
from engine.optimizers import LBFGS, Nadam
from tests.engine.samples import classes_table, quantities_table, start

LAYERS: list[Any] = [Dense(units=5), BatchNorm()]


def recipe(optimizer: Optimizer, precision: Any) -> Recipe:
    return Recipe(
        network=NetworkSpec(layers=LAYERS),
        optimizer=optimizer,
        training=TrainingSpec(epochs=2, batch_size=64, seed=4, precision=precision),
        stopping=[EarlyStopping(patience=3)],
    )


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", [SGD(), Nadam(), LBFGS()], ids=lambda each: each.kind)
@pytest.mark.parametrize("table", [classes_table(), quantities_table()], ids=["classes", "numbers"])
def test_a_training_begins_with_it(table: Any, optimizer: Optimizer, precision: Any) -> None:
    training = start(recipe(optimizer, precision), table)
    made, dtype = training.outline, np.dtype(precision)
    sums = 3 if made.task.classes else 2 + 2 * made.network.outputs
    by_hand = TrainingState(
        theta=made.network.initialize(4, dtype),
        slots=np.zeros((len(optimizer.slots()), made.plan.parameters), dtype),
        scalars=np.zeros(optimizer.scalars()),
        layer_state=np.concatenate([np.zeros(5, dtype), np.ones(5, dtype)]),
        totals=np.zeros(sums),
        stopping=({},),
    )
    fresh = fresh_state(made.recipe, made.network, made.task)
    assert fresh.to_bytes() == training.snapshot().to_bytes() == by_hand.to_bytes()


def test_weights_and_statistics_may_be_given() -> None:
    made = start(recipe(SGD(), "float64"), classes_table()).outline
    theta, statistics = np.full(made.plan.parameters, 0.5), np.full(10, 2.0)
    state = fresh_state(made.recipe, made.network, made.task, theta=theta, layer_state=statistics)
    np.testing.assert_array_equal(state.theta, theta)
    np.testing.assert_array_equal(state.layer_state, statistics)
    assert state.step == state.first_step == 0


def test_nothing_is_compiled_for_it_and_no_row_is_transformed() -> None:
    """Neither for new weights nor for a warm start; in a process that has run no training."""
    script = """
        from engine import *
        from engine.data.preprocessing import Preprocessor
        from engine.precompile.inventory import units
        from engine.program import loop
        from engine.training.warm_start import initial_state
        from tests.engine.samples import classes_table

        def compiled():
            return sum(len(unit.function.overloads) for unit in units())

        table = classes_table()
        task = infer_task(table, "y")
        made = outline(resolve(Recipe(validation=NoValidation()), task), table, task)
        def refuse(*_arguments):
            raise AssertionError("Rows were transformed.")
        Preprocessor.transform = refuse

        before = compiled()
        fresh = fresh_state(made.recipe, made.network, task)
        assert compiled() == before
        model = Model.from_state(made.recipe, task, made.preprocessor, fresh)
        before = compiled()
        again = initial_state(made, model, fresh, optimizer_state=True)
        assert compiled() == before
        assert not loop.train.overloads and not loop.evaluate.overloads
        assert again.to_bytes() == fresh.to_bytes()
    """
    subprocess.run([sys.executable, "-c", dedent(script)], check=True, timeout=300)
