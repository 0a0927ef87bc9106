"""When to try again, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trainyard.protocol.request import NoResponse, Outcome, Request, Response, get, post
from trainyard.protocol.retry import RetryPolicy, retry_after, worth_repeating

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)

REPEATABLE = {
    "get": get("/v1/jobs"),
    "delete": Request("DELETE", "/v1/jobs/job_1"),
    "post with a key": post("/v1/jobs", {}),
    "post with the caller's key": post("/v1/jobs", {}, idempotency_key="mine"),
    "idempotent post": post("/v1/models/mdl_1/predictions", {}, idempotent=True),
}
ONCE_ONLY = {
    "bare post": Request("POST", "/v1/jobs"),
    "patch": Request("PATCH", "/v1/jobs/job_1"),
}


def reply(status: int, **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"")


PASSING = [reply(status) for status in (408, 425, 429, 502, 503, 504)]
FINAL = [
    reply(status) for status in (200, 201, 202, 204, 304, 400, 401, 403, 404, 409, 413, 422, 500)
]


@pytest.mark.parametrize("request_", REPEATABLE.values(), ids=REPEATABLE)
@pytest.mark.parametrize(
    "outcome", [*PASSING, NoResponse("broken off"), NoResponse("late", timed_out=True)]
)
def test_what_can_be_repeated_is(request_: Request, outcome: Outcome) -> None:
    assert worth_repeating(request_, outcome)


@pytest.mark.parametrize("request_", ONCE_ONLY.values(), ids=ONCE_ONLY)
@pytest.mark.parametrize("outcome", [*PASSING, *FINAL, NoResponse("broken off")])
def test_what_may_have_been_done_is_not_done_again(request_: Request, outcome: Outcome) -> None:
    assert not worth_repeating(request_, outcome)


@pytest.mark.parametrize("request_", [*REPEATABLE.values(), *ONCE_ONLY.values()])
def test_what_never_arrived_always_goes_again(request_: Request) -> None:
    assert worth_repeating(request_, NoResponse("refused", sent=False))


@pytest.mark.parametrize("outcome", FINAL)
def test_a_final_answer_is_final(outcome: Response) -> None:
    assert not worth_repeating(get("/v1/jobs"), outcome)


def test_a_conflict_that_says_when_to_come_back_is_a_twin_request_still_running() -> None:
    assert worth_repeating(post("/v1/jobs", {}), reply(409, retry_after="1"))
    assert not worth_repeating(Request("POST", "/v1/jobs"), reply(409, retry_after="1"))


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(1, 0.25), (2, 0.5), (3, 1.0), (6, 8.0), (7, 8.0), (5000, 8.0)]
)
def test_pauses_are_spread_over_a_doubling_range(attempt: int, ceiling: float) -> None:
    policy = RetryPolicy(attempts=10_000)
    pauses = [
        policy.pause(get("/"), reply(503), attempt, chance, NOW) for chance in (0.0, 0.5, 1.0)
    ]
    assert pauses == [0.0, ceiling / 2, ceiling]


def test_attempts_are_counted_from_one() -> None:
    policy = RetryPolicy(attempts=3)
    tries = [policy.pause(get("/"), reply(503), attempt, 0.0, NOW) for attempt in (1, 2, 3)]
    assert tries == [0.0, 0.0, None]


def test_one_attempt_never_repeats() -> None:
    assert (
        RetryPolicy(attempts=1).pause(get("/"), NoResponse("refused", sent=False), 1, 0.0, NOW)
        is None
    )


def test_retry_after_is_the_least_pause() -> None:
    pause = RetryPolicy(first=2.0).pause(get("/"), reply(429, retry_after="3"), 1, 0.5, NOW)
    assert pause == 3.0 + 1.0


def test_a_retry_after_beyond_patience_is_left_to_the_caller() -> None:
    policy = RetryPolicy(patience=10)
    assert policy.pause(get("/"), reply(503, retry_after="10"), 1, 0.0, NOW) == 10
    assert policy.pause(get("/"), reply(503, retry_after="11"), 1, 0.0, NOW) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 7 ", 7.0),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30.0),
        ("Sun, 01 Mar 2026 12:00:30 -0000", 30.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_as_number_or_date(value: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_a_date_counts_from_now() -> None:
    headers = {"retry-after": "Sun, 01 Mar 2026 12:00:30 GMT"}
    assert retry_after(headers, NOW + timedelta(seconds=20)) == 10.0
