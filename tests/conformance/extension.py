"""A new optimizer and a new layer, one class each; as a script, it prints where they turn up.

It runs in a process of its own, because a class that exists belongs to its family everywhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal

import numpy as np
from annotated_types import Gt
from pydantic import TypeAdapter

from engine import Dense, EpochEnd, Layer, Optimizer, Recipe, TrainingState, families
from engine.activations import Tanh
from engine.kernels import Array, Kernel, Number
from engine.layers import Operation
from engine.losses import MeanSquaredError
from engine.optimizers import Slot
from service.settings import Settings
from tests.conformance.differences import assert_gradient_is_right
from tests.conformance.examples import examples
from tests.engine.samples import gradient_program, regression_table, run

__all__ = ["findings"]


@dataclass(frozen=True, kw_only=True)
class SignDescent(Optimizer):
    """Steps of one length, against the sign of the gradient, that get shorter."""

    __equation__ = r"\theta \leftarrow \theta - \frac{\eta}{1 + c t} \operatorname{sign}(g)"
    remembered = (Slot("steps_taken", "t", r"t \leftarrow t + 1"),)
    kind: Literal["sign_descent"] = "sign_descent"
    shortening: Annotated[float, Gt(0)] = 0.05
    """How fast steps get shorter."""

    def constants(self) -> tuple[float, ...]:
        return (self.shortening,)

    @classmethod
    def kernel(cls) -> Kernel:
        return sign_descent


def sign_descent(
    theta: Array,
    gradient: Array,
    slots: Array,
    rate: Number,
    start: Number,
    stop: Number,
    constants: Array,
) -> None:
    for i in range(start, stop):
        slots[0, i] += 1
        theta[i] -= rate / (1 + constants[0] * slots[0, i]) * np.sign(gradient[i])


@dataclass(frozen=True, kw_only=True)
class Stretch(Layer):
    """Multiplies every number by the same factor."""

    __equation__ = r"y = a x"
    kind: Literal["stretch"] = "stretch"
    factor: Annotated[float, Gt(0)] = 2.0
    """The factor a."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        return (
            Operation(
                forward=stretch,
                backward=stretch_back,
                outputs=inputs,
                constants=(self.factor,),
            ),
        )


def stretch(x: Array, y: Array, constants: Array) -> None:
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[i, j] = constants[0] * x[i, j]


def stretch_back(dy: Array, dx: Array, constants: Array) -> None:
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = constants[0] * dy[i, j]


BODY: dict[str, Any] = {
    "network": {
        "layers": [
            {"kind": "dense", "units": 4, "activation": "tanh"},
            "stretch",
            {"kind": "stretch", "factor": 0.5},
        ]
    },
    "optimizer": {"kind": "sign_descent", "learning_rate": 0.02},
    "training": {"epochs": 20, "batch_size": 8, "seed": 1, "precision": "float64"},
}


def findings() -> dict[str, Any]:
    """Where the two are known, and how they do in the tables of this folder."""
    from service.app import create_app

    document = create_app(Settings()).openapi()
    known = {name: [m.kind_name() for m in found] for name, found in families().items()}
    return {
        "families": "sign_descent" in known["optimizer"] and "stretch" in known["layer"],
        "recipe_schema": _mentions(TypeAdapter(Recipe).json_schema()),
        "openapi": _mentions(document),
        "examples": [len(examples(SignDescent)), len(examples(Stretch))],
        "losses": _losses(),
        "resumes": _resumes(),
        "gradient": _gradient(),
    }


def _mentions(schema: Any) -> bool:
    """Whether a schema has both with their help; in OpenAPI names are made longer, not shorter."""
    text = json.dumps(schema)
    return all(
        word in text
        for word in ('"sign_descent"', '"stretch"', "How fast steps get shorter.", "The factor a.")
    )


def _recipe() -> Recipe:
    recipe: Recipe = TypeAdapter(Recipe).validate_json(json.dumps(BODY))
    assert recipe == TypeAdapter(Recipe).validate_json(TypeAdapter(Recipe).dump_json(recipe))
    return recipe


def _losses() -> list[float]:
    epochs = run(_recipe(), regression_table()).epochs
    assert all(isinstance(epoch, EpochEnd) for epoch in epochs)
    return [epoch.train["loss"] for epoch in epochs]


def _resumes() -> bool:
    """Bit for bit, from the ends of three epochs."""
    whole = run(_recipe(), regression_table())
    states = [state for state, after in pairwise(whole.snapshots) if after.epoch > state.epoch]
    again = [
        run(_recipe(), regression_table(), TrainingState.from_bytes(state.to_bytes()))
        for state in states[:3]
    ]
    return all(end.state.to_bytes() == whole.state.to_bytes() for end in again)


def _gradient() -> bool:
    for example in examples(Stretch):
        layers = [Dense(units=3, activation=Tanh()), example]
        assert_gradient_is_right(
            lambda seed, layers=layers: gradient_program(  # type: ignore[misc]
                layers, task="regression", loss=MeanSquaredError(), seed=seed
            ),
            "regression",
        )
    return True


if __name__ == "__main__":
    print(json.dumps(findings()))  # noqa: T201 - this is the script's answer
