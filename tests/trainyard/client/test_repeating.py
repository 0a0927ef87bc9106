"""What is tried again, when, and with which key; and what is not."""

from __future__ import annotations

import httpx
import pytest

from tests.trainyard.client.scripted import Connect, ok
from trainyard import Conflict, ConnectionFailed, Invalid, RetryPolicy, TimedOut, Unavailable


def test_a_post_is_repeated_with_the_same_key(connect: Connect, pauses: list[float]) -> None:
    client, transport = connect(httpx.ReadTimeout("late"), ok(status=503), ok(status=202))
    client.jobs.create(dataset="ds_1")
    keys = {request.headers["Idempotency-Key"] for request in transport.requests}
    assert (len(transport.requests), len(keys), len(pauses)) == (3, 1, 2)


def test_two_posts_have_two_keys(connect: Connect) -> None:
    client, transport = connect(ok(status=202), ok(status=202))
    client.jobs.create(dataset="ds_1")
    client.jobs.create(dataset="ds_1")
    first, second = (request.headers["Idempotency-Key"] for request in transport.requests)
    assert first != second


def test_retry_after_is_honoured(connect: Connect, pauses: list[float]) -> None:
    client, _ = connect(ok({}, 429, **{"Retry-After": "3"}), ok())
    client.jobs.get("job_1")
    assert 3.0 <= pauses[0] <= 3.25


RUNNING = {"title": "Conflict with the current state", "status": 409}


def test_the_first_request_is_waited_for(connect: Connect, pauses: list[float]) -> None:
    """More often than there are attempts: it has not failed, it only takes its time."""
    running = [ok(RUNNING, 409, **{"Retry-After": "1"}) for _ in range(20)]
    client, transport = connect(httpx.ReadTimeout("late"), *running, ok(status=202))
    assert client.jobs.create(dataset="ds_1").id == "job_1"
    keys = {request.headers["Idempotency-Key"] for request in transport.requests}
    assert (len(transport.requests), len(keys)) == (22, 1)
    assert sum(pauses) >= 20


def test_the_first_request_is_not_waited_for_without_end(
    connect: Connect, pauses: list[float]
) -> None:
    running = [ok(RUNNING, 409, **{"Retry-After": "1"}) for _ in range(20)]
    client, _ = connect(*running, retries=RetryPolicy(patience=5.0))
    with pytest.raises(Conflict, match="409"):
        client.jobs.create(dataset="ds_1")
    assert 5 <= sum(pauses) <= 12


def test_it_gives_up(connect: Connect, pauses: list[float]) -> None:
    client, _ = connect(*[ok({"title": "No"}, 503)] * 2, retries=RetryPolicy(attempts=2))
    with pytest.raises(Unavailable):
        client.jobs.get("job_1")
    assert len(pauses) == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (httpx.ConnectError("refused"), ConnectionFailed),
        (httpx.ReadTimeout("late"), TimedOut),
        (httpx.ConnectTimeout("late"), TimedOut),
        (httpx.RemoteProtocolError("gone"), ConnectionFailed),
    ],
)
def test_no_answer(connect: Connect, error: Exception, expected: type[Exception]) -> None:
    client, transport = connect(*[error] * 4)
    with pytest.raises(ConnectionFailed) as caught:
        client.jobs.get("job_1")
    assert type(caught.value) is expected
    assert len(transport.requests) == 4


def test_a_refusal_is_not_repeated(connect: Connect) -> None:
    client, transport = connect(ok({"title": "No", "errors": [{"pointer": "/a"}]}, 422))
    with pytest.raises(Invalid) as caught:
        client.jobs.create()
    assert caught.value.pointers == ("/a",)
    assert len(transport.requests) == 1
