"""Step mode: a paused job advanced by epochs or mini-batches, and looked at in between."""

from itertools import pairwise
from typing import Any

import pytest

from tests.plugins.servers import Served
from tests.service.ended import at_rest, train

JOB: dict[str, Any] = {
    "dataset": {"kind": "two_moons", "samples": 100},
    "network": {"layers": [{"kind": "dense", "units": 5}, {"kind": "dropout", "rate": 0.2}]},
    "training": {"epochs": 4, "batch_size": 16, "seed": 3},
}
STEPS = 5
"""Mini-batches of an epoch: 80 rows are trained on."""


def make(served: Served, **members: Any) -> dict[str, Any]:
    answer = served.client.post("/v1/jobs", json=JOB | {"paused": True} | members)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    assert (job["status"], job["attempt"]) == ("paused", 0)
    return job


def advance(served: Served, job: dict[str, Any], **by: int) -> dict[str, Any]:
    path = f"/v1/jobs/{job['id']}"
    answer = served.client.post(f"{path}/advance", json=by)
    assert answer.status_code == 202, answer.text
    assert answer.json()["advance_to"] is not None
    now = at_rest(served, job["id"])
    assert now["advance_to"] is None
    return now


def weights(served: Served, job: dict[str, Any], checkpoint: int | str) -> bytes:
    where = f"/v1/models/{job['model_id']}/weights?checkpoint={checkpoint}"
    answer = served.client.get(where)
    assert answer.status_code == 200, answer.text
    return answer.content


def test_pieces_add_up_to_the_whole(training: Served) -> None:
    whole = train(training, **JOB)
    job = make(training)
    for by in ({"steps": 3}, {"steps": 4}, {"epochs": 1}, {"steps": 1}, {"epochs": 1}):
        job = advance(training, job, **by)
        assert (job["status"], job["stop_reason"]) == ("paused", None)
    assert job["progress"]["epoch"] == 3
    job = advance(training, job, epochs=100)
    assert (job["status"], job["stop_reason"]) == ("succeeded", "completed")
    assert weights(training, job, "last") == weights(training, whole, "last")
    curves = [
        training.client.get(f"/v1/jobs/{each['id']}/epochs").json()["data"] for each in (job, whole)
    ]
    assert [row["train"] for row in curves[0]] == [row["train"] for row in curves[1]]


def test_every_step_can_be_looked_at(training: Served) -> None:
    job = make(training)
    rows = {"columns": ["x1", "x2", "target"], "rows": [[0.5, 0.8, 0], [1.2, -0.4, 1]]}
    steps, seen = [], []
    for _ in range(STEPS + 2):
        job = advance(training, job, steps=1)
        where = f"/v1/models/{job['model_id']}/trace?checkpoint=last"
        told = training.client.post(where, json=rows)
        assert told.status_code == 200, told.text
        steps.append(told.json()["step"])
        seen.append(told.json()["layers"][0]["parameters"]["W"]["values"])
    assert steps == list(range(steps[0], steps[0] + STEPS + 2))
    assert all(before != after for before, after in pairwise(seen))
    assert job["progress"]["epoch"] == 1


def test_an_epoch_ends_where_epochs_end(training: Served) -> None:
    job = advance(training, make(training), steps=2)
    job = advance(training, job, epochs=1)
    assert (job["progress"]["epoch"], job["progress"]["fraction"]) == (1, 0.25)
    assert job["latest"]["epoch"] == 1


def test_folds_are_advanced_too(training: Served) -> None:
    members: dict[str, Any] = {"validation": {"kind": "k_fold", "folds": 2}}
    whole = train(training, **JOB | members)
    job = make(training, **members)
    for _ in range(5):
        job = advance(training, job, epochs=1)
    assert (job["latest"]["fold"], job["latest"]["epoch"]) == (2, 1)
    job = advance(training, job, epochs=50)
    assert weights(training, job, "last") == weights(training, whole, "last")


def test_only_what_is_paused_can_be_advanced(training: Served) -> None:
    ended = train(training, **JOB)
    refused = training.client.post(f"/v1/jobs/{ended['id']}/advance", json={"epochs": 1})
    assert refused.status_code == 409
    assert "succeeded" in refused.json()["detail"]
    missing = training.client.post(f"/v1/jobs/job_{'0' * 26}/advance", json={"epochs": 1})
    assert missing.status_code == 404


@pytest.mark.parametrize(
    "body", [{}, {"epochs": 1, "steps": 1}, {"steps": 0}, {"epochs": "1"}, {"rows": 3}]
)
def test_how_far_must_be_clear(training: Served, body: dict[str, Any]) -> None:
    job = make(training)
    answer = training.client.post(f"/v1/jobs/{job['id']}/advance", json=body)
    assert answer.status_code == 422
    training.client.post(f"/v1/jobs/{job['id']}/cancel")


def test_sent_twice_it_is_done_once(training: Served) -> None:
    job = make(training)
    path = f"/v1/jobs/{job['id']}"
    for _ in range(2):
        answer = training.client.post(
            f"{path}/advance", json={"epochs": 1}, headers={"Idempotency-Key": "once"}
        )
        assert answer.status_code == 202
        at_rest(training, job["id"])
    assert training.client.get(path).json()["progress"]["epoch"] == 1


@pytest.mark.parametrize("checkpoint", ["first", "-1", "1.5"])
def test_no_such_checkpoint(training: Served, checkpoint: str) -> None:
    answer = training.client.get(f"/v1/models/mdl_{'0' * 26}/weights?checkpoint={checkpoint}")
    assert answer.status_code == 422
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/checkpoint"}
