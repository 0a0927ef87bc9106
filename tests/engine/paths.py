"""Short runs over all members of all families; as a script, it prints where each one ends.

It is run once more by a test with the compiler off, so its runs are small.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from engine import SGD, Adam, Dense, Dropout, Layer, NetworkSpec, Recipe, TrainingSpec
from engine.activations import Tanh
from engine.regularizers import L2
from engine.schedules import Cosine
from tests.conformance.examples import examples, members
from tests.engine.samples import classes_table, labels_table, regression_table, run

__all__ = ["paths"]


def recipes() -> dict[str, tuple[Recipe, Any]]:
    """A recipe and its table by name."""
    training = TrainingSpec(epochs=2, batch_size=6, seed=2, precision="float64")
    whole = replace(training, batch_size=100)
    tables = {
        "regression": regression_table(16),
        "binary": classes_table(16, classes=2),
        "multiclass": classes_table(18, classes=3),
        "multilabel": labels_table(),
    }
    found: dict[str, tuple[Recipe, Any]] = {}

    def add(name: str, layers: list[Layer], task: str = "regression", **options: Any) -> None:
        recipe = Recipe(
            **({"optimizer": SGD(momentum=0.5), "schedule": Cosine()} | options),
            network=NetworkSpec(layers=layers),
            training=whole if options.get("optimizer", SGD()).full_batch else training,
            regularizers=[L2()],
        )
        found[name] = recipe, tables[task]

    for activation in members("activation"):
        if not activation.differentiable:
            continue
        add(activation.kind_name(), [Dense(units=3, activation=activation())])
    for layer in members("layer"):
        add(layer.kind_name(), [examples(layer)[0], Dense(units=2, activation=Tanh())])
    for loss in members("loss"):
        for task in loss.tasks:
            hidden: list[Layer] = [Dropout(rate=0.3)] if loss.passes_back else []
            add(f"{loss.kind_name()}-{task}", hidden, task, loss=loss())
    for optimizer in members("optimizer"):
        for place, example in enumerate(examples(optimizer)):
            add(f"{optimizer.kind_name()}-{place}", [], optimizer=example)
    add("both", [Dense(units=3), Dropout(rate=0.3)], "multiclass", optimizer=Adam())
    return found


def paths() -> dict[str, list[float]]:
    """The parameters that every run ends with."""
    return {name: run(*pair).state.theta.tolist() for name, pair in recipes().items()}


if __name__ == "__main__":
    print(json.dumps(paths()))  # noqa: T201 - this is the script's answer
