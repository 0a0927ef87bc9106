"""Single precision ends where double precision does, as near as its digits allow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import Dense, NetworkSpec, NoValidation, Recipe, TrainingSpec
from engine.activations import Tanh
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import classes_table, labels_table, regression_table, run

TABLES = {
    "regression": regression_table(),
    "binary": classes_table(classes=2),
    "multiclass": classes_table(classes=3),
    "multilabel": labels_table(),
}
CHOICES = [
    example
    for family in ("optimizer", "schedule", "layer", "regularizer", "clipping", "activation")
    for member in members(family)
    for example in examples(member)[:1]
]


def recipe_for(choice: Any) -> Recipe | None:
    """A short run in which the choice takes part; None if no hidden layer may hold it."""
    family, hidden = type(choice).__family__, Dense(units=4, activation=Tanh())
    options: dict[str, Any] = {"network": NetworkSpec(layers=[hidden])}
    if family == "activation":
        if not choice.differentiable:
            return None
        options["network"] = NetworkSpec(layers=[Dense(units=4, activation=choice)])
    elif family == "layer":
        options["network"] = NetworkSpec(layers=[choice, hidden])
    elif family == "regularizer":
        options["regularizers"] = [choice]
    elif family == "optimizer":
        options["optimizer"] = replace(choice, learning_rate=min(choice.learning_rate, 0.01))
    else:
        options[family] = choice
        options["validation"] = Recipe().validation
    training = TrainingSpec(epochs=4, batch_size=40, seed=3, precision="float64")
    return Recipe(**({"training": training, "validation": NoValidation()} | options))


def assert_precisions_agree(recipe: Recipe, table: Any) -> None:
    double = run(recipe, table)
    single = run(replace(recipe, training=replace(recipe.training, precision="float32")), table)
    assert single.state.theta.dtype == np.float32
    for fine, coarse in zip(double.epochs, single.epochs, strict=True):
        for name, value in fine.train.items():
            assert coarse.train[name] == pytest.approx(value, rel=2e-4, abs=2e-4), name
    np.testing.assert_allclose(single.state.theta, double.state.theta, rtol=5e-3, atol=2e-3)


@pytest.mark.parametrize("choice", CHOICES, ids=titles(CHOICES))
def test_every_member(choice: Any) -> None:
    recipe = recipe_for(choice)
    if recipe is not None:
        assert_precisions_agree(recipe, TABLES["regression"])


@pytest.mark.parametrize("loss", members("loss"), ids=lambda m: str(m.__name__))
def test_every_loss(loss: Any) -> None:
    for task in loss.tasks:
        training = TrainingSpec(epochs=4, batch_size=40, seed=3, precision="float64")
        recipe = Recipe(loss=loss(), training=training, validation=NoValidation())
        assert_precisions_agree(recipe, TABLES[task])
