"""The state of a run: to bytes and back, and what is refused."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load, save

from engine import (
    SGD,
    Adam,
    Dense,
    EarlyStopping,
    InvalidState,
    NetworkSpec,
    Recipe,
    TrainingSpec,
    TrainingState,
)
from tests.engine.samples import regression_table, run, start

TRAINING = TrainingSpec(epochs=2, seed=0, precision="float64")
RECIPE = Recipe(training=TRAINING, stopping=[EarlyStopping(patience=3)])


def finished_state() -> TrainingState:
    return run(RECIPE, regression_table()).state


def test_bytes_hold_everything() -> None:
    state = finished_state()
    again = TrainingState.from_bytes(state.to_bytes())
    for field in dataclasses.fields(TrainingState):
        mine, other = getattr(state, field.name), getattr(again, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.dtype == other.dtype
            np.testing.assert_array_equal(mine, other)
        else:
            assert mine == other
    assert again.to_bytes() == state.to_bytes()


def test_bytes_are_a_safetensors_file() -> None:
    state = finished_state()
    arrays: dict[str, Any] = load(state.to_bytes())
    np.testing.assert_array_equal(arrays["theta"], state.theta)


def test_the_digest_is_that_of_the_weights() -> None:
    state = finished_state()
    assert state.weights_sha256 == hashlib.sha256(state.theta.tobytes()).hexdigest()
    moved = dataclasses.replace(state, theta=state.theta + 1e-16 + 1e-12)
    assert moved.weights_sha256 != state.weights_sha256


def test_a_snapshot_is_a_copy() -> None:
    training = start(RECIPE, regression_table())
    before = training.snapshot()
    kept = before.to_bytes()
    for _ in training.events():
        pass
    assert before.to_bytes() == kept
    assert before.weights_sha256 != training.snapshot().weights_sha256


def damaged() -> dict[str, bytes]:
    good = finished_state().to_bytes()
    header = json.loads(good[8 : 8 + int.from_bytes(good[:8], "little")])
    numbers = json.loads(header["__metadata__"]["trainyard"])
    arrays: dict[str, Any] = load(good)
    lacking = {k: v for k, v in numbers.items() if k != "step"}
    unknown = {**numbers, "surprise": 1}
    return {
        "nothing": b"",
        "text": b"not a state at all",
        "half": good[: len(good) // 2],
        "long header": (10**9).to_bytes(8, "little") + good[8:],
        "other metadata": save(arrays, {"trainyard": "[]"}),
        "no metadata": save(arrays),
        "no number": save(arrays, {"trainyard": json.dumps(lacking | {"stopping": None})}),
        "unknown number": save(arrays, {"trainyard": json.dumps(unknown)}),
        "lacks an array": save({"theta": arrays["theta"]}, {"trainyard": json.dumps(numbers)}),
    }


@pytest.mark.parametrize("kind", damaged())
def test_damaged_bytes_are_refused(kind: str) -> None:
    with pytest.raises(InvalidState):
        TrainingState.from_bytes(damaged()[kind])


@pytest.mark.parametrize(
    ("recipe", "what"),
    [
        (Recipe(training=TRAINING, network=NetworkSpec(layers=[Dense(units=2)])), "theta"),
        (Recipe(training=dataclasses.replace(TRAINING, precision="float32")), "theta"),
        (Recipe(training=TRAINING, optimizer=SGD()), "slots"),
        (Recipe(training=TRAINING, optimizer=SGD(momentum=0.5)), "slots"),
    ],
)
def test_a_state_of_another_run_is_refused(recipe: Recipe, what: str) -> None:
    state = run(Recipe(training=TRAINING, optimizer=Adam()), regression_table()).state
    with pytest.raises(InvalidState, match=what):
        start(recipe, regression_table(), state)
