"""The gradient check: right where the gradient is right, and honest about kinks."""

from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from tests.plugins.servers import Served
from tests.service.ended import train


def records(rows: int = 40) -> list[dict[str, Any]]:
    generator = np.random.default_rng(2)
    x1, x2 = generator.normal(size=(2, rows))
    return [
        {"x1": float(x1[i]), "x2": float(x2[i]), "y": bool(x1[i] * x2[i] > 0)} for i in range(rows)
    ]


@pytest.fixture(scope="module")
def dataset(training: Served) -> str:
    body = {"records": records(), "target": "y"}
    identifier: str = training.client.post("/v1/datasets", json=body).json()["id"]
    return identifier


@pytest.fixture(scope="module")
def network(training: Served, dataset: str) -> dict[str, Any]:
    """One with everything that makes gradients hard to get right."""
    return train(
        training,
        dataset=dataset,
        network={
            "layers": [
                {"kind": "gaussian_noise", "deviation": 0.1},
                {"kind": "dense", "units": 6, "activation": "gelu"},
                "batch_norm",
                {"kind": "dropout", "rate": 0.2},
                {"kind": "dense", "units": 5, "activation": "tanh"},
                "layer_norm",
            ]
        },
        regularizers=[{"kind": "l2", "strength": 0.1}],
        clipping={"kind": "value", "limit": 1e-6},
        training={"epochs": 3, "seed": 1},
    )


def check(served: Served, job: dict[str, Any], **members: Any) -> dict[str, Any]:
    path = f"/v1/models/{job['model_id']}/gradient_check"
    answer = served.client.post(path, json={"records": records()} | members)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_block_is_right(training: Served, network: dict[str, Any]) -> None:
    found = check(training, network)
    assert found["passed"] is True
    assert found["rows"] == 40
    assert found["largest_relative_error"] < 1e-5
    weights = load(training.client.get(f"/v1/models/{network['model_id']}/weights").content)
    assert [block["name"] for block in found["blocks"]] == list(
        dict.fromkeys(block["name"] for block in found["blocks"])
    )
    trained = {name for name in weights if ".running_" not in name}
    assert {block["name"] for block in found["blocks"]} == trained
    for block in found["blocks"]:
        assert block["checked"] == block["of"] == weights[block["name"]].size
        assert block["kinks"] == 0
        assert block["analytic"] == pytest.approx(block["numeric"], abs=1e-8)
        assert len(block["index"]) == weights[block["name"]].ndim


def test_a_tolerance_that_nothing_meets(training: Served, network: dict[str, Any]) -> None:
    found = check(training, network, tolerance=1e-15, per_block=2)
    assert found["passed"] is False
    assert all(block["checked"] <= 2 for block in found["blocks"])
    assert any(not block["passed"] for block in found["blocks"])


def test_a_kink_is_no_error(training: Served, dataset: str) -> None:
    job = train(
        training,
        dataset=dataset,
        # All initial weights are zero: every unit stands at the kink of its ReLU.
        network={
            "layers": [{"kind": "dense", "units": 4, "initializer": "zeros"}],
        },
        optimizer={"kind": "sgd", "learning_rate": 1e-300},
        training={"epochs": 1, "seed": 1, "precision": "float64"},
    )
    found = check(training, job)
    blocks = {block["name"]: block for block in found["blocks"]}
    assert found["passed"] is True
    assert blocks["layers.0.weight"]["kinks"] == 8
    assert blocks["layers.0.weight"]["index"] is None
    assert blocks["output.bias"]["kinks"] == 0


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"tolerance": 0}, "/tolerance"),
        ({"per_block": 501}, "/per_block"),
        ({"seed": -1}, "/seed"),
        ({"records": records(101)}, "/records"),
        ({"records": [{"x1": 1.0, "x2": 1.0, "y": None}]}, "/records/0/y"),
    ],
)
def test_what_cannot_be_checked_is_refused(
    training: Served, network: dict[str, Any], members: dict[str, Any], pointer: str
) -> None:
    path = f"/v1/models/{network['model_id']}/gradient_check"
    answer = training.client.post(path, json={"records": records()} | members)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_work_is_bounded(training: Served, dataset: str) -> None:
    job = train(
        training,
        dataset=dataset,
        network={"layers": [{"kind": "dense", "units": 600}, {"kind": "dense", "units": 600}]},
        training={"epochs": 1, "seed": 1},
    )
    found = check(training, job)
    assert found["passed"] is True
    assert max(block["checked"] for block in found["blocks"]) < 200
    path = f"/v1/models/{job['model_id']}/gradient_check"
    body = {"records": records(), "per_block": 200}
    answer = training.client.post(path, json=body)
    assert answer.status_code == 422
    assert "take too long" in answer.json()["detail"]
