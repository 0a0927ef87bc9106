"""Waiting for a job by long polling."""

from __future__ import annotations

import httpx
import pytest

from tests.trainyard.client.scripted import JOB, Connect, ok
from trainyard import JobFailed, WaitTimedOut


def test_waiting_holds_until_something_changes(connect: Connect) -> None:
    running = ok(JOB, ETag='W/"1"')
    ended = ok(JOB | {"status": "succeeded"}, ETag='"2"')
    client, transport = connect(running, httpx.Response(304), ended)
    assert client.jobs.wait("job_1").status == "succeeded"
    first, second, third = transport.requests
    assert "Prefer" not in first.headers
    assert second.headers["If-None-Match"] == third.headers["If-None-Match"] == '"1"'
    assert second.headers["Prefer"] == "wait=20"


def test_waiting_for_a_job_that_has_ended_asks_once(connect: Connect) -> None:
    client, transport = connect(ok(JOB | {"status": "cancelled"}))
    assert client.jobs.wait("job_1").ended
    assert len(transport.requests) == 1


def test_waiting_for_a_job_that_fails(connect: Connect) -> None:
    failed = JOB | {"status": "failed", "error": {"type": "diverged", "detail": "The loss is nan."}}
    client, _ = connect(ok(failed), ok(failed))
    with pytest.raises(JobFailed, match=r"diverged: The loss is nan\.") as caught:
        client.jobs.wait("job_1")
    assert caught.value.job.id == "job_1"
    assert client.jobs.wait("job_1", check=False).status == "failed"


def test_waiting_has_an_end(connect: Connect) -> None:
    client, transport = connect(ok(), httpx.Response(304), httpx.Response(304))
    clock = iter([0.0, 1.0, 9.0, 10.0]).__next__
    with pytest.raises(WaitTimedOut, match=r"still running after 10 s"):
        client.jobs.wait("job_1", timeout=10, clock=clock)
    waits = [request.headers["Prefer"] for request in transport.requests[1:]]
    assert waits == ["wait=9", "wait=1"]


def test_a_paused_job_does_not_go_on(connect: Connect) -> None:
    client, _ = connect(ok(JOB | {"status": "paused"}))
    clock = iter([0.0, 10.0]).__next__
    with pytest.raises(WaitTimedOut, match=r"still paused after 10 s; resume it"):
        client.jobs.wait("job_1", timeout=10, clock=clock)
