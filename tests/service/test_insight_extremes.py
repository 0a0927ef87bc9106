"""Numbers beyond all bounds: answers stay JSON, and say so."""

from typing import Any

import pytest

from tests.plugins.servers import Served
from tests.service.ended import train

FAR = {"records": [{"x1": 1e30, "x2": -1e30, "y": 1e30}, {"x1": 0.0, "x2": 1.0, "y": 1.0}]}


@pytest.fixture(scope="module")
def path(training: Served) -> str:
    records = [{"x1": i / 7, "x2": (i % 5) / 3, "y": i / 3 - (i % 5)} for i in range(40)]
    body = {"records": records, "target": "y"}
    dataset = training.client.post("/v1/datasets", json=body).json()["id"]
    job = train(
        training,
        dataset=dataset,
        network={"layers": [{"kind": "dense", "units": 3, "activation": "relu"}]},
        training={"epochs": 3, "seed": 1},
    )
    return f"/v1/models/{job['model_id']}"


def ask(served: Served, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = served.client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_trace_that_overflows(training: Served, path: str) -> None:
    told = ask(training, f"{path}/trace", FAR)
    assert told["loss"] is None
    assert told["losses"][0] is None
    assert told["losses"][1] is not None
    gradients = told["layers"][0]["gradients"]["dW"]
    assert gradients["finite"] is False


def test_a_check_that_overflows(training: Served, path: str) -> None:
    records = [FAR["records"][0] | {"x1": 1e200, "y": 1e200}]
    found = ask(training, f"{path}/gradient_check", {"records": records})
    assert found["passed"] is False
    assert found["largest_relative_error"] is None


def test_a_landscape_that_overflows(training: Served, path: str) -> None:
    found = ask(training, f"{path}/landscape", {"data": FAR, "resolution": 3})
    assert found["loss"] is None
    assert found["losses"][0] == [None, None, None]


def test_importances_that_overflow(training: Served, path: str) -> None:
    found = ask(training, f"{path}/importances", {"data": FAR, "score": "loss"})
    assert found["baseline"] is None
    assert {each["importance"] for each in found["inputs"]} == {None}
