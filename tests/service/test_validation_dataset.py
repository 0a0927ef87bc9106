"""Jobs that validate on another dataset."""

from typing import Any

import pytest

from tests.plugins.servers import Served
from tests.service.ended import train

JOB: dict[str, Any] = {
    "dataset": {"kind": "two_moons", "samples": 100},
    "network": {"layers": [{"kind": "dense", "units": 5}]},
    "training": {"epochs": 4, "seed": 3},
}


def dataset(served: Served, **members: Any) -> str:
    answer = served.client.post("/v1/datasets", json=members)
    assert answer.status_code in {200, 201}, answer.text
    made: str = answer.json()["id"]
    return made


def moons(served: Served, seed: int) -> str:
    return dataset(served, builtin={"kind": "two_moons", "samples": 60, "seed": seed})


def test_it_is_measured_at_the_end_of_every_epoch(training: Served) -> None:
    other = moons(training, 11)
    job = train(training, **JOB, validation={"kind": "dataset", "id": other})
    plan = training.client.post(
        "/v1/jobs?validate_only=true", json=JOB | {"validation": {"kind": "dataset", "id": other}}
    ).json()
    assert (plan["train_rows"], plan["validation_rows"]) == (100, 60)
    assert job["latest"]["samples"] == 100
    for asked in ({"part": "validation"}, {"dataset": other}):
        where = f"/v1/models/{job['model_id']}/evaluations"
        told = training.client.post(where, json=asked).json()
        assert told["rows"] == 60
        measured = job["best"]["validation"]["accuracy"]
        assert told["scores"]["accuracy"] == pytest.approx(measured)


def test_it_is_kept_while_a_job_needs_it(training: Served) -> None:
    other = moons(training, 12)
    members = JOB | {"validation": {"kind": "dataset", "id": other}, "paused": True}
    job = training.client.post("/v1/jobs", json=members).json()
    refused = training.client.delete(f"/v1/datasets/{other}")
    assert refused.status_code == 409
    assert job["id"] in refused.json()["detail"]
    training.client.post(f"/v1/jobs/{job['id']}/cancel")
    assert training.client.delete(f"/v1/datasets/{other}").status_code == 204


def test_once_it_is_gone_nothing_is_measured_on_it(training: Served) -> None:
    other = moons(training, 13)
    job = train(training, **JOB, validation={"kind": "dataset", "id": other})
    assert training.client.delete(f"/v1/datasets/{other}").status_code == 204
    where = f"/v1/models/{job['model_id']}/evaluations"
    assert training.client.post(where, json={"part": "validation"}).status_code == 409


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"builtin": "iris"}, "does not fit"),
        ({"records": [{"x1": 1.0, "x2": 2.0}]}, "no column 'target'"),
        ({"records": [{"x1": 1.0, "target": 0}, {"x1": 2.0, "target": 1}]}, "'x2'"),
        ({"records": [{"x1": 1.0, "x2": 1.0, "target": 7}]}, "7"),
    ],
)
def test_other_columns_and_classes_are_refused(
    training: Served, members: dict[str, Any], message: str
) -> None:
    body = JOB | {"validation": {"kind": "dataset", "id": dataset(training, **members)}}
    answer = training.client.post("/v1/jobs", json=body)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert error["pointer"] == "/validation/id"
    assert message in error["message"]


def test_it_must_be_there(training: Served) -> None:
    body = JOB | {"validation": {"kind": "dataset", "id": f"ds_{'0' * 26}"}}
    answer = training.client.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/validation/id"
