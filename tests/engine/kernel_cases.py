"""Small trainings that between them call every kernel there is; as a script, it runs some of them.

::

    python -m tests.engine.kernel_cases PART PARTS SEED [ROUNDS]

It trains the cases number PART, PART + PARTS, ... of the list (a few of every family), in another
order each round, and prints what came of each as JSON: digests that tell bits apart, and numbers.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from engine import Dense, Holdout, Layer, Network, NetworkSpec, Recipe, TrainingSpec
from engine.activations import Tanh
from engine.losses import MeanSquaredError
from engine.precompile import inventory as warming
from engine.program.program import Program
from tests.conformance.examples import members
from tests.engine.samples import classes_table, labels_table, regression_table, run

__all__ = ["INPUTS", "Case", "activation_kernel", "cases", "outcomes"]

PRECISIONS = get_args(get_type_hints(TrainingSpec)["precision"])
INPUTS = np.linspace(-3, 3, 7)
"""Where activations are looked at."""
TABLES: dict[str, Any] = {
    "regression": regression_table(),
    "binary": classes_table(classes=2),
    "multiclass": classes_table(classes=3),
    "multilabel": labels_table(),
}


@dataclass(frozen=True)
class Case:
    """One small computation, which returns some arrays."""

    name: str
    compute: Callable[[], list[NDArray[Any]]]


def cases() -> list[Case]:
    """Every member of every family that has kernels, with its choices, in both precisions."""
    found: list[Case] = []
    for precision in PRECISIONS:
        for activation in members("activation"):
            name = f"activation {activation.kind_name()} {precision}"
            found.append(Case(name, partial(activation_kernel, activation(), precision)))
        for name, table, options in _recipes():
            compute = partial(_trained, table, precision, options)
            found.append(Case(f"{name} {precision}", compute))
    return found


def activation_kernel(activation: Any, precision: str) -> list[NDArray[Any]]:
    """What a network of one such neuron answers, whose weight is 1 and whose bias is 0."""
    dtype = np.dtype(precision)
    program = Program(
        Network(NetworkSpec(layers=[]), 1, 1, activation),
        loss=MeanSquaredError(),
        task="regression",
        dtype=dtype,
        capacity=len(INPUTS),
    )
    program.theta[:] = [1, 0]
    return [program.predict(INPUTS[:, np.newaxis].astype(dtype))]


def _recipes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A title, a table and the options of a recipe."""
    for loss in members("loss"):
        for task in loss.tasks:
            network = {} if loss.passes_back else {"network": NetworkSpec()}
            yield f"loss {loss.kind_name()} {task}", task, {"loss": loss(), **network}
    for activation in members("activation"):
        if activation.differentiable:
            layers: list[Layer] = [Dense(units=3, activation=activation())]
            title = f"hidden {activation.kind_name()}"
            yield title, "regression", {"network": NetworkSpec(layers=layers)}
    for family, options in _OPTIONS.items():
        for member in members(family):
            for number, example in enumerate(warming._variants(member)):
                if (chosen := options(example)) is not None:
                    yield f"{family} {member.kind_name()} {number}", "regression", chosen


def _layer(example: Any) -> dict[str, Any] | None:
    if not getattr(getattr(example, "activation", Tanh()), "differentiable", True):
        return None
    return {"network": NetworkSpec(layers=[example, Dense(units=2)])}


def _augmentation(example: Any) -> dict[str, Any]:
    is_image = hasattr(example, "width")
    sized = replace(example, width=3, height=1, channels=1) if is_image else example
    return {"augmentation": [sized]}


_OPTIONS: dict[str, Callable[[Any], dict[str, Any] | None]] = {
    "augmentation": _augmentation,
    "clipping": lambda example: {"clipping": example},
    "layer": _layer,
    "optimizer": lambda example: {
        "optimizer": replace(example, learning_rate=min(example.learning_rate, 0.05))
    },
    "regularizer": lambda example: {"regularizers": [example]},
}
"""How an example of a family becomes part of a recipe."""


def _trained(table: str, precision: Any, options: dict[str, Any]) -> list[NDArray[Any]]:
    optimizer = options.get("optimizer")
    batch = 1000 if optimizer is not None and optimizer.full_batch else 7
    chosen: dict[str, Any] = {
        "network": NetworkSpec(layers=[Dense(units=3, activation=Tanh())]),
        "training": TrainingSpec(epochs=2, batch_size=batch, seed=5, precision=precision),
        "validation": Holdout(fraction=0.35),
    }
    finished = run(Recipe(**chosen | options), TABLES[table])
    judged = [
        measured[name]
        for epoch in finished.epochs
        for measured in (epoch.train, epoch.validation or {})
        for name in sorted(measured)
        if measured[name] is not None
    ]
    state = finished.state
    return [state.theta, state.slots, state.layer_state, np.array(judged)]


def outcomes(chosen: list[Case]) -> dict[str, Any]:
    """Of each case the digest of all its bits, and its numbers."""
    found: dict[str, Any] = {}
    for case in chosen:
        arrays = case.compute()
        bits = hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
        numbers = [float(number) for array in arrays for number in array.ravel()]
        found[case.name] = {"bits": bits, "numbers": numbers}
    return found


def _main(part: int, parts: int, seed: int, rounds: int = 1) -> None:
    order = random.Random(seed)
    every = cases()
    printed = []
    for _ in range(rounds):
        chosen = every[part::parts]
        order.shuffle(chosen)
        printed.append(outcomes(chosen))
    sys.stdout.write(json.dumps(printed))


if __name__ == "__main__":
    _main(*map(int, sys.argv[1:]))
