"""What is kept in memory is never told once it is not true any more, whoever has changed it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from service.database.sessions import Database
from service.datasets import repository as datasets
from service.epochs import repository as epochs
from service.jobs import actions
from service.jobs import repository as jobs
from service.lifecycle import leases
from service.models import repository as models
from service.models.repository import NewModel
from service.vocabulary import JobStatus
from tests.plugins.servers import Served
from tests.service.ended import train
from tests.service.stored import PROGRESS, epoch

BLOBS = {"kind": "blobs", "samples": 90, "classes": 3, "dimensions": 4}
ROW = {"x1": 0.1, "x2": -0.2, "x3": 0.3, "x4": 1.5}


@pytest.fixture
def elsewhere(served: Served) -> Iterator[Database]:
    """The database as another process has it."""
    opened = Database(served.settings.resolved_database_url)
    yield opened
    opened.close()


def claim(session: Session, job_id: str) -> leases.Lease:
    """Make the attempt of one job, as the worker of another process would."""
    while (lease := leases.claim(session, "elsewhere", 30.0)) is not None:
        if lease.job_id == job_id:
            return lease
    raise AssertionError("the job does not wait")


def test_every_change_of_a_job_by_another_process_is_told_at_once(
    served: Served, elsewhere: Database
) -> None:
    made = served.client.post("/v1/jobs", json={"dataset": BLOBS}).json()
    path = f"/v1/jobs/{made['id']}"
    with elsewhere.write() as session:
        lease = claim(session, made["id"])
    changes: list[tuple[Callable[[Session], Any], Callable[[dict[str, Any]], Any], Any]] = [
        (
            lambda session: epochs.append(session, lease, [epoch(1, improved=True)], PROGRESS),
            lambda job: (job["latest"]["epoch"], job["best"]["epoch"], job["progress"]["epoch"]),
            (1, 1, 1),
        ),
        (
            lambda session: epochs.append(session, lease, [epoch(2)], PROGRESS),
            lambda job: (job["latest"]["epoch"], job["best"]["epoch"]),
            (2, 1),
        ),
        (
            lambda session: jobs.change(session, made["id"], tags=["new"]),
            lambda job: job["tags"],
            ["new"],
        ),
        (
            lambda session: actions.request_pause(session, made["id"]),
            lambda job: job["pending_action"],
            "pause",
        ),
        (
            lambda session: leases.fenced_update(session, lease, fingerprint={"threads": 7}),
            lambda job: job["fingerprint"],
            {"threads": 7},
        ),
        (
            lambda session: leases.finish(session, lease, JobStatus.CANCELLED, reason="cancelled"),
            lambda job: (job["status"], job["stop_reason"]),
            ("cancelled", "cancelled"),
        ),
        (
            lambda session: datasets.delete(session, made["dataset"]["id"]),
            lambda job: job["dataset"]["id"],
            None,
        ),
    ]
    for change, look, expected in changes:
        before = served.client.get(path)
        again = served.client.get(path)
        assert (again.content, again.headers["etag"]) == (before.content, before.headers["etag"])
        with elsewhere.write() as session:
            change(session)
        after = served.client.get(path)
        assert look(after.json()) == expected
        assert after.headers["etag"] != before.headers["etag"]
    with elsewhere.write() as session:
        jobs.remove(session, made["id"])
    assert served.client.get(path).status_code == 404


@pytest.fixture(scope="module")
def job(training: Served) -> dict[str, Any]:
    """Of a model with several checkpoints."""
    return train(
        training,
        dataset=BLOBS,
        training={"epochs": 6, "seed": 1},
        checkpoints={"every": 1, "keep": 6},
    )


def test_predictions_follow_the_model_and_end_with_it(
    training: Served, job: dict[str, Any]
) -> None:
    path = f"/v1/models/{job['model_id']}/predictions"
    elsewhere = Database(training.settings.resolved_database_url)
    with elsewhere.read() as session:
        preprocessor = models.get(session, job["model_id"]).preprocessor
    kept = training.client.get(f"/v1/jobs/{job['id']}/checkpoints").json()["data"]
    for checkpoint in kept[:3]:
        with elsewhere.write() as session:
            models.point_to(session, job["id"], checkpoint["seq"], NewModel(preprocessor))
        now = training.client.post(path, json={"records": [ROW]}).json()
        assert now["checkpoint"]["seq"] == checkpoint["seq"]
        named = training.client.post(
            f"{path}?checkpoint={checkpoint['epoch']}", json={"records": [ROW]}
        ).json()
        assert now["probabilities"] == named["probabilities"]
    with elsewhere.write() as session:
        jobs.remove(session, job["id"])
    elsewhere.close()
    assert training.client.post(path, json={"records": [ROW]}).status_code == 404


def test_one_row_and_many_rows_get_the_same_answers(training: Served) -> None:
    """The first are answered by the event loop, the others by a thread."""
    made = train(training, dataset=BLOBS, training={"epochs": 3, "seed": 2})
    path = f"/v1/models/{made['model_id']}/predictions"
    rows = [{name: value + number / 100 for name, value in ROW.items()} for number in range(1500)]
    many = training.client.post(path, json={"records": rows}).json()
    for number in (0, 700, 1499):
        one = training.client.post(path, json={"records": [rows[number]]}).json()
        assert one["predictions"] == [many["predictions"][number]]
        assert one["probabilities"][0] == pytest.approx(many["probabilities"][number], abs=1e-6)
