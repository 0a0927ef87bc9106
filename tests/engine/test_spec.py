"""The base of every spec: bounds, entries of lists, short forms, pointers, families."""

from __future__ import annotations

import dataclasses
import gc
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from engine import (
    SGD,
    Adam,
    Dense,
    Dropout,
    EarlyStopping,
    InvalidSpec,
    NetworkSpec,
    Recipe,
    TrainingSpec,
    families,
)
from engine.activations import Activation, ReLU
from engine.regularizers import L2
from engine.spec import _documented_fields, _field_help

ADAPTER = TypeAdapter(Recipe)


def test_families() -> None:
    wanted = {
        "activation",
        "initializer",
        "layer",
        "loss",
        "optimizer",
        "regularizer",
        "schedule",
        "stopping",
        "validation",
    }
    assert wanted <= families().keys()
    assert Dense in families()["layer"]
    assert not any(member.is_family() for members in families().values() for member in members)
    assert Activation.is_family()


def test_a_spec_is_a_value() -> None:
    assert Adam() == Adam(learning_rate=0.001)
    assert Adam() != Adam(learning_rate=0.002)
    assert hash(Adam()) == hash(Adam())
    spec: Any = Adam()
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.beta1 = 0.5


@pytest.mark.parametrize(
    ("spec", "values", "pointer", "message"),
    [
        (Dense, {"units": 0}, "/units", "at least 1"),
        (Dense, {"units": 2.5}, "/units", "a whole number"),
        (Dense, {"units": True}, "/units", "a whole number"),
        (Dense, {"units": 2, "activation": "relu"}, "/activation", "must be Activation"),
        (Dense, {"units": 2, "use_bias": 1}, "/use_bias", "true or false"),
        (Dropout, {"rate": 1.0}, "/rate", "less than 1"),
        (Adam, {"learning_rate": float("nan")}, "/learning_rate", "finite"),
        (TrainingSpec, {"precision": "float16"}, "/precision", "'float32', 'float64'"),
        (TrainingSpec, {"seed": -1}, "/seed", "at least 0"),
        (TrainingSpec, {"seed": 2**53}, "/seed", "at most"),
        (NetworkSpec, {"layers": [Dense(units=1), L2()]}, "/layers", "entry 1 must be Layer"),
        (NetworkSpec, {"layers": Dense(units=1)}, "/layers", "must be a list"),
        (NetworkSpec, {"layers": [Dropout()] * 201}, "/layers", "at most 200 entries"),
        (Recipe, {"optimizer": ReLU()}, "/optimizer", "must be Optimizer"),
        (Recipe, {"regularizers": [L2()] * 11}, "/regularizers", "at most 10 entries"),
    ],
)
def test_python_is_told_what_to_change(spec: Any, values: Any, pointer: str, message: str) -> None:
    with pytest.raises(InvalidSpec, match=message) as caught:
        spec(**values)
    assert caught.value.pointer == pointer


def test_json_as_in_the_documentation() -> None:
    recipe = ADAPTER.validate_python(
        {
            "network": {
                "layers": [
                    {"kind": "dense", "units": 32, "activation": "relu"},
                    {"kind": "dropout", "rate": 0.1},
                ]
            },
            "loss": "cross_entropy",
            "optimizer": {"kind": "adam", "learning_rate": 0.01},
            "schedule": "cosine",
            "regularizers": ["l2"],
            "training": {"epochs": 200, "batch_size": 32, "seed": 7},
            "stopping": [{"kind": "early_stopping", "patience": 5}],
        }
    )
    assert recipe.network.layers == [Dense(units=32), Dropout(rate=0.1)]
    assert recipe.optimizer == Adam(learning_rate=0.01)
    assert recipe.regularizers == [L2()]
    assert recipe.stopping == [EarlyStopping(patience=5)]
    assert recipe.training.precision == "float32"


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({"network": {"layers": [{"kind": "dense", "units": 0}]}}, (0, "dense", "units")),
        ({"network": {"layers": [{"kind": "dense"}]}}, (0, "dense", "units")),
        ({"network": {"layers": [{"kind": "conv"}]}}, ("layers", 0)),
        ({"optimizer": {"kind": "adam", "beta1": "0.5"}}, ("adam", "beta1")),
        ({"training": {"shuffle": 1}}, ("training", "shuffle")),
        ({"training": {"epochs": 2.5}}, ("training", "epochs")),
        ({"surprise": 1}, ("surprise",)),
    ],
)
def test_json_is_told_where(body: Any, location: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(body)
    (error,) = caught.value.errors()
    assert error["loc"][-len(location) :] == location


def test_rules_of_several_fields_keep_their_pointer() -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python({"optimizer": {"kind": "sgd", "nesterov": True}})
    (error,) = caught.value.errors()
    assert error["ctx"]["error"].pointer == "/momentum"
    assert error["loc"][:2] == ("optimizer", "sgd")


def test_help_and_equation() -> None:
    assert Dropout.field_help()["rate"].startswith("The probability")
    assert "learning_rate" in SGD.field_help(), "inherited fields are documented too"
    assert Adam.__equation__
    assert Adam.summary() == "Adaptive moment estimation."


@pytest.fixture
def restless() -> Iterator[None]:
    """Other threads take their turn whenever garbage is collected, so also within the parser."""
    often, *others = gc.get_threshold()

    def pause(*_: object) -> None:
        time.sleep(0)

    gc.set_threshold(50, *others)
    gc.callbacks.append(pause)
    yield
    gc.callbacks.remove(pause)
    gc.set_threshold(often, *others)


@pytest.mark.usefixtures("restless")
def test_help_is_read_in_several_threads_at_once() -> None:
    members = families()["schedule"]
    _field_help.cache_clear()
    _documented_fields.cache_clear()
    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(lambda _: [each.field_help() for each in members], range(4))
    assert all(other == first for other in others)
