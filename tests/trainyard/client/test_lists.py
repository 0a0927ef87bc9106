"""Lists: what is asked for, and walks over all pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trainyard.client.scripted import EPOCH, JOB, Connect, ok
from trainyard import NotFound


def test_parameters_that_are_not_given_are_not_sent(connect: Connect) -> None:
    client, transport = connect(ok({"data": [JOB], "next_cursor": "c"}))
    page = client.jobs.list(status="running", limit=5)
    assert dict(transport.requests[0].url.params) == {"status": "running", "limit": "5"}
    assert [job.id for job in page] == ["job_1"]
    assert (page.next_cursor, len(page), page[0].status) == ("c", 1, "running")


def test_lists_are_walked_page_by_page(connect: Connect) -> None:
    first = {"data": [JOB, JOB | {"id": "job_2"}], "next_cursor": "c"}
    last = {"data": [JOB | {"id": "job_3"}], "next_cursor": None}
    client, transport = connect(ok(first), ok(last))
    jobs = client.jobs.all(tag="a")
    assert [next(jobs).id, next(jobs).id] == ["job_1", "job_2"]
    assert len(transport.requests) == 1
    assert [job.id for job in jobs] == ["job_3"]
    assert [request.url.params.get("cursor") for request in transport.requests] == [None, "c"]
    assert {request.url.params["tag"] for request in transport.requests} == {"a"}


def test_what_a_walk_gives_can_be_told(connect: Connect) -> None:
    client, transport = connect(ok({"data": [JOB]}), ok(JOB | {"pending_action": "pause"}))
    (job,) = client.jobs.all()
    assert job.pause().pending_action == "pause"
    assert transport.requests[1].url.path == "/v1/jobs/job_1/pause"


def test_all_epochs_are_read(connect: Connect) -> None:
    pages = [
        {"data": [EPOCH] * 10_000, "next_cursor": 10_001},
        {"data": [EPOCH | {"seq": 10_002}], "next_cursor": 10_002},
    ]
    client, transport = connect(ok(JOB), *map(ok, pages))
    epochs = client.jobs.get("job_1").epochs(fold=2, before=20_000)
    assert (len(epochs), epochs.next_cursor) == (10_001, 10_002)
    asked = [dict(request.url.params) for request in transport.requests[1:]]
    assert asked == [
        {"before": "20000", "limit": "10000", "fold": "2"},
        {"after": "10001", "before": "20000", "limit": "10000", "fold": "2"},
    ]


def test_curves_are_written_page_by_page(connect: Connect, tmp_path: Path) -> None:
    usual = {"learning_rate": 0.1, "seconds": 0.5, "samples": 8}
    first = EPOCH | usual | {"fold": 1, "train": {"loss": 0.5}}
    last = EPOCH | {
        "train": {"loss": None, "accuracy": 0.75},
        "validation": {"loss": 0.25},
        "non_finite": {"train_loss": "inf"},
    }
    pages = [
        {"data": [first] * 10_000, "next_cursor": 10_001},
        {"data": [last], "next_cursor": None},
    ]
    client, transport = connect(ok(JOB), *map(ok, pages))
    file = tmp_path / "curves.csv"
    assert client.jobs.get("job_1").export_curves(file) == 10_001
    assert dict(transport.requests[2].url.params) == {"after": "10001", "limit": "10000"}
    head, *lines = file.read_text().splitlines()
    assert head.split(",") == [
        "fold",
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "learning_rate",
        "seconds",
        "samples",
    ]
    assert set(lines[:-1]) == {"1,1,0.5,,,0.1,0.5,8"}
    assert lines[-1] == "0,1,inf,0.75,0.25,,,"
    assert len(lines) == 10_001


def test_no_curves_are_half_a_file(connect: Connect, tmp_path: Path) -> None:
    page = {"data": [EPOCH] * 10_000, "next_cursor": 10_001}
    client, _ = connect(ok(page), ok({"title": "Gone"}, 404))
    file = tmp_path / "curves.csv"
    with pytest.raises(NotFound):
        client.jobs.export_curves("job_1", file)
    assert not file.exists()
