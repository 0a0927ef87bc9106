"""Slices of the loss landscape are what plain NumPy says."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load

from engine import Network, NetworkSpec, Task
from engine.activations import Linear
from engine.insight.landscape import random_directions
from engine.layers import Dense
from tests.plugins.servers import Served
from tests.service.ended import train

ROWS = 80


def records() -> list[dict[str, Any]]:
    generator = np.random.default_rng(9)
    x1, x2 = generator.normal(size=(2, ROWS))
    return [
        {"x1": float(x1[i]), "x2": float(x2[i]), "y": float(np.sin(x1[i]) + x2[i] ** 2)}
        for i in range(ROWS)
    ]


@pytest.fixture(scope="module")
def job(training: Served) -> dict[str, Any]:
    body = {"records": records(), "target": "y"}
    dataset = training.client.post("/v1/datasets", json=body).json()["id"]
    return train(
        training,
        dataset=dataset,
        network={"layers": [{"kind": "dense", "units": 6, "activation": "tanh"}]},
        training={"epochs": 20, "seed": 4, "precision": "float64"},
        preprocessing={"numeric": {"kind": "numeric", "scale": "none"}, "target_scale": "none"},
        checkpoints={"every": 5, "keep": 10},
    )


def landscape(served: Served, job: dict[str, Any], **members: Any) -> dict[str, Any]:
    path = f"/v1/models/{job['model_id']}/landscape?checkpoint=10"
    answer = served.client.post(path, json=members)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def weights(served: Served, job: dict[str, Any], epoch: int) -> dict[str, NDArray[np.float64]]:
    path = f"/v1/jobs/{job['id']}/checkpoints/{epoch}/weights"
    return load(served.client.get(path).content)


def loss(theta: dict[str, NDArray[np.float64]]) -> float:
    x = np.array([[row["x1"], row["x2"]] for row in records()])
    y = np.array([[row["y"]] for row in records()])
    h = np.tanh(x @ theta["layers.0.weight"].T + theta["layers.0.bias"])
    y_hat = h @ theta["output.weight"].T + theta["output.bias"]
    return float(np.mean((y_hat - y) ** 2))


def test_the_line_to_another_checkpoint(training: Served, job: dict[str, Any]) -> None:
    here, there = weights(training, job, 10), weights(training, job, 20)
    wanted = {"kind": "checkpoint", "epoch": 20, "margin": 0.5}
    data = {"records": records()}
    found = landscape(training, job, directions=wanted, resolution=9, data=data)
    positions = np.linspace(-0.5, 1.5, 9)
    np.testing.assert_allclose(found["positions"], positions)
    expected = [
        loss({name: here[name] + a * (there[name] - here[name]) for name in here})
        for a in positions
    ]
    np.testing.assert_allclose(found["losses"], expected, rtol=1e-9)
    assert found["loss"] == pytest.approx(loss(here), rel=1e-9)
    assert (found["dimensions"], found["rows"]) == (1, ROWS)


def test_random_directions_are_those_of_the_seed(training: Served, job: dict[str, Any]) -> None:
    here = weights(training, job, 10)
    output = Linear()
    spec = NetworkSpec(layers=[Dense(units=6)])
    network = Network(spec, 2, Task("regression", ("y",)).outputs, output)
    theta = np.zeros(network.parameters)
    for name, place in network.places.items():
        place.view(theta)[:] = here[name]
    drawn = random_directions(network, theta, 2, seed=3)
    for direction in map(network.named, drawn):
        for name in ("layers.0", "output"):
            assert not direction[f"{name}.bias"].any()
            np.testing.assert_allclose(
                np.linalg.norm(direction[f"{name}.weight"], axis=1),
                np.linalg.norm(here[f"{name}.weight"], axis=1),
            )
    data = {"records": records()}
    wanted = {"kind": "random", "dimensions": 2, "seed": 3, "span": 0.5}
    found = landscape(training, job, directions=wanted, resolution=5, data=data)
    a, b = found["positions"][0], found["positions"][3]
    moved = loss(network.named(theta + a * drawn[0] + b * drawn[1]))
    assert found["losses"][0][3] == pytest.approx(moved, rel=1e-9)
    assert found["losses"][2][2] == pytest.approx(found["loss"], rel=1e-12)


def test_it_is_locked_over_the_rows_held_out(training: Served, job: dict[str, Any]) -> None:
    one = {"kind": "random", "dimensions": 1}
    found = landscape(training, job, directions=one, resolution=3)
    assert found["rows"] == 16
    path = f"/v1/jobs/{job['id']}/checkpoints/10"
    epoch = training.client.get(path).json()["metrics"]
    assert found["loss"] == pytest.approx(epoch["validation"]["loss"], rel=1e-12)
    few = landscape(training, job, directions=one, resolution=3, part="train", max_rows=20)
    assert few["rows"] == 20


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"directions": {"kind": "sideways"}}, "/directions/kind"),
        ({"directions": {"kind": "random", "dimensions": 3}}, "/directions/dimensions"),
        ({"directions": {"kind": "random", "span": 0}}, "/directions/span"),
        ({"directions": {"kind": "checkpoint", "epoch": 11}}, "/directions/epoch"),
        ({"resolution": 1}, "/resolution"),
        ({"resolution": 52}, "/resolution"),
        ({"max_rows": 0}, "/max_rows"),
        ({"dataset": "ds_1"}, "/dataset"),
        ({"data": {"records": [{"x1": 1.0, "x2": 2.0, "y": None}]}}, "/data"),
        ({"part": "test"}, "/part"),
    ],
)
def test_what_cannot_be_sliced_is_refused(
    training: Served, job: dict[str, Any], members: dict[str, Any], pointer: str
) -> None:
    answer = training.client.post(f"/v1/models/{job['model_id']}/landscape", json=members)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_work_is_bounded(training: Served) -> None:
    layers = [{"kind": "dense", "units": 1000}, {"kind": "dense", "units": 1000}]
    job = train(
        training,
        dataset={"kind": "two_moons", "samples": 200},
        network={"layers": layers},
        training={"epochs": 1, "seed": 1},
    )
    path = f"/v1/models/{job['model_id']}"
    for question, pointer in (("landscape", "/resolution"), ("importances", "/columns")):
        wanted = {"resolution": 51} if question == "landscape" else {"repeats": 50, "max_rows": 40}
        answer = training.client.post(f"{path}/{question}", json=wanted)
        assert answer.status_code == 422, answer.text
        (error,) = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert "take too long" in error["message"]
    line = {"directions": {"kind": "random", "dimensions": 1}, "resolution": 21}
    assert training.client.post(f"{path}/landscape", json=line).json()["rows"] == 40
