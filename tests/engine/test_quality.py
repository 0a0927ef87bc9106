"""Held-out quality: networks that anybody would try reach what such data allow.

Of every five runs, from five seeds, the median counts. A fifth of the rows is put aside before
anything else and judged by the model of the best epoch; validation happens among the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from engine import (
    Adam,
    Dense,
    Dropout,
    EpochEnd,
    Model,
    NetworkSpec,
    Recipe,
    Table,
    Training,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Tanh
from engine.regularizers import L2
from engine.schedules import Cosine
from service.datasets.builtin import BreastCancer, Diabetes, Digits, Spirals, Wine
from service.datasets.builtin_frames import builtin

QUALITY: dict[str, tuple[Any, float, Recipe]] = {
    "digits": (
        Digits(),
        0.97,
        Recipe(
            network=NetworkSpec(layers=[Dense(units=128), Dropout(rate=0.2)]),
            optimizer=Adam(learning_rate=0.003),
            schedule=Cosine(),
            training=TrainingSpec(epochs=60),
        ),
    ),
    "breast_cancer": (
        BreastCancer(),
        0.96,
        Recipe(
            network=NetworkSpec(layers=[Dense(units=16)]),
            optimizer=Adam(learning_rate=0.003),
            regularizers=[L2(strength=1e-3)],
            training=TrainingSpec(epochs=60),
        ),
    ),
    "wine": (
        Wine(),
        0.96,
        Recipe(
            network=NetworkSpec(layers=[Dense(units=16, activation=Tanh())]),
            optimizer=Adam(learning_rate=0.01),
            regularizers=[L2(strength=1e-3)],
            training=TrainingSpec(epochs=50, batch_size=16),
        ),
    ),
    "diabetes": (
        Diabetes(),
        0.42,
        Recipe(
            network=NetworkSpec(layers=[Dense(units=16, activation=Tanh())]),
            optimizer=Adam(learning_rate=0.003),
            regularizers=[L2(strength=1e-2)],
            training=TrainingSpec(epochs=100),
        ),
    ),
    "spirals": (
        Spirals(noise=0.1),
        0.97,
        Recipe(
            network=NetworkSpec(layers=[Dense(units=32), Dense(units=32)]),
            optimizer=Adam(learning_rate=0.01),
            schedule=Cosine(),
            training=TrainingSpec(epochs=200),
        ),
    ),
}


def best_model(recipe: Recipe, table: Table, task: Any) -> Model:
    plan = outline(recipe, table, task)
    training = Training(plan, table)
    best = training.snapshot()
    for event in training.events():
        if isinstance(event, EpochEnd) and event.improved:
            best = training.snapshot()
    return Model.from_state(recipe, task, plan.preprocessor, best)


def held_out_quality(recipe: Recipe, table: Table, seed: int) -> float:
    """Accuracy, or R2, on a fifth of the rows."""
    order = np.random.default_rng(seed).permutation(table.rows)
    unseen, known = table.take(order[: table.rows // 5]), table.take(order[table.rows // 5 :])
    task = infer_task(table, "target")
    values = best_model(resolve(with_seed(recipe, seed), task), known, task).predict(unseen).values
    truth = unseen.columns["target"]
    if task.kind == "regression":
        return float(r2_score(truth, np.array(values, float)))
    return float(accuracy_score(list(map(str, truth)), list(map(str, like(values, truth)))))


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    return replace(recipe, training=replace(recipe.training, seed=seed))


def like(values: Any, truth: Any) -> Any:
    """Labels as the column holds them: whole numbers are kept as floats there."""
    return np.array(values, truth.dtype)


@pytest.mark.parametrize("name", QUALITY)
def test_held_out_quality(name: str) -> None:
    data, least, recipe = QUALITY[name]
    table = builtin(data).to_table()
    found = sorted(held_out_quality(recipe, table, seed) for seed in range(5))
    assert found[2] >= least, found
