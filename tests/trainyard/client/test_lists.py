"""Lists: what is asked for, and walks over all pages."""

from __future__ import annotations

from tests.trainyard.client.scripted import EPOCH, JOB, Connect, ok


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
    epochs = client.jobs.get("job_1").epochs(fold=2)
    assert (len(epochs), epochs.next_cursor) == (10_001, 10_002)
    asked = [dict(request.url.params) for request in transport.requests[1:]]
    assert asked == [
        {"limit": "10000", "fold": "2"},
        {"after": "10001", "limit": "10000", "fold": "2"},
    ]
