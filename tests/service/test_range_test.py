"""The learning-rate range test over HTTP."""

from typing import Any

import pytest

from tests.plugins.servers import Served
from tests.service.ended import train

JOB: dict[str, Any] = {
    "dataset": {"kind": "two_moons", "samples": 400},
    "network": {"layers": [{"kind": "dense", "units": 8}]},
    "optimizer": "adam",
    "training": {"batch_size": 32, "seed": 3},
}


def test_a_range_test_finds_a_rate(training: Served) -> None:
    job = train(training, **JOB, range_test={"steps": 80, "highest": 100})
    assert (job["model_id"], job["best"]) == (None, None)
    assert job["progress"]["epochs"] == 80
    told = training.client.get(f"/v1/jobs/{job['id']}/range_test").json()
    assert told["stop_reason"] == job["stop_reason"] == "diverged"
    rates = [point["learning_rate"] for point in told["points"]]
    assert rates == sorted(rates)
    assert 1e-4 < told["suggestion"]["steepest"] < told["suggestion"]["lowest_loss"] < 10
    epochs = training.client.get(f"/v1/jobs/{job['id']}/epochs").json()["data"]
    assert [row["train"]["loss"] for row in epochs] == [p["loss"] for p in told["points"]]
    again = train(training, **JOB, range_test={"steps": 80, "highest": 100})
    assert training.client.get(f"/v1/jobs/{again['id']}/range_test").json() == told


def test_a_training_is_no_range_test(training: Served) -> None:
    job = train(training, **JOB | {"training": {"epochs": 1, "seed": 3}})
    answer = training.client.get(f"/v1/jobs/{job['id']}/range_test")
    assert answer.status_code == 409
    assert "range_test" in answer.json()["detail"]
    assert training.client.get(f"/v1/jobs/job_{'0' * 26}/range_test").status_code == 404


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"range_test": {"steps": 5}}, "/range_test/steps"),
        ({"range_test": {"lowest": 1, "highest": 0.5}}, "/range_test/highest"),
        ({"range_test": {}, "validation": "k_fold"}, "/range_test"),
        ({"range_test": {"start": 1}}, "/range_test/start"),
    ],
)
def test_what_cannot_be_tested(training: Served, members: dict[str, Any], pointer: str) -> None:
    answer = training.client.post("/v1/jobs", json=JOB | members)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
