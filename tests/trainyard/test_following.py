"""Following events across lost connections."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from trainyard.errors import ConnectionFailed, NotFound, TimedOut
from trainyard.protocol.following import Following
from trainyard.protocol.request import NoResponse, Response
from trainyard.protocol.retry import RetryPolicy
from trainyard.protocol.sse import ServerSentEvent

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BROKEN = NoResponse("broken off")


def event(seq: int, name: str = "epoch") -> bytes:
    return f"event: {name}\nid: {seq}\ndata: {{}}\n\n".encode()


def seq_of(event: ServerSentEvent) -> str:
    return event.id


def follow(last: int = 0, attempts: int = 4) -> Following[str]:
    return Following("job_1", seq_of, last, RetryPolicy(attempts=attempts))


def test_it_asks_for_everything_first() -> None:
    request = follow().request()
    assert (request.method, request.path) == ("GET", "/v1/jobs/job_1/events")
    assert request.headers["Last-Event-ID"] == "0"
    assert request.headers["Accept"] == "text/event-stream"


def test_it_can_begin_later() -> None:
    assert follow(last=17).request().headers["Last-Event-ID"] == "17"


def test_it_goes_on_after_the_last_event_seen() -> None:
    following = follow()
    assert following.receive(event(1) + event(2)) == ["1", "2"]
    following.pause(BROKEN, 0.5, NOW)
    assert following.request().headers["Last-Event-ID"] == "2"


def test_half_an_event_is_not_seen_and_comes_again_whole() -> None:
    following = follow()
    assert following.receive(event(1) + event(2)[:-1]) == ["1"]
    following.pause(BROKEN, 0.5, NOW)
    assert following.request().headers["Last-Event-ID"] == "1"
    assert following.receive(event(2)) == ["2"]


def test_what_comes_twice_is_given_once() -> None:
    following = follow()
    following.receive(event(1) + event(2))
    following.pause(BROKEN, 0.5, NOW)
    following.request()
    assert following.receive(event(1) + event(2) + event(3)) == ["3"]


def test_only_the_end_is_the_end() -> None:
    following = follow()
    following.receive(event(1))
    assert not following.finished
    assert following.receive(event(1, "end") + event(2)) == ["1"]
    assert following.finished


def test_events_without_a_number_pass() -> None:
    assert follow(last=5).receive(b"event: note\ndata: {}\n\n") == [""]


def test_it_gives_up_after_failures_in_a_row() -> None:
    following = follow(attempts=3)
    assert following.pause(BROKEN, 0.0, NOW) == 0.0
    assert following.pause(BROKEN, 0.0, NOW) == 0.0
    with pytest.raises(ConnectionFailed, match="broken off"):
        following.pause(BROKEN, 0.0, NOW)


@pytest.mark.parametrize("sign_of_life", ["event", "heartbeat"])
def test_any_sign_of_life_renews_its_patience(sign_of_life: str) -> None:
    following = follow(attempts=2)
    for seq in range(1, 6):
        following.pause(BROKEN, 0.0, NOW)
        following.receive(event(seq) if sign_of_life == "event" else b": ping\n\n")


def test_mere_repetition_is_no_sign_of_life() -> None:
    following = follow(last=9, attempts=2)
    following.pause(BROKEN, 0.0, NOW)
    following.receive(event(9))
    with pytest.raises(ConnectionFailed):
        following.pause(BROKEN, 0.0, NOW)


def test_the_service_may_ask_for_a_longer_pause() -> None:
    following = follow()
    following.receive(b"retry: 3000\n\n" + event(1))
    assert following.pause(BROKEN, 1.0, NOW) == 3.0


def test_a_busy_service_is_asked_again_after_its_retry_after() -> None:
    assert follow().pause(Response(503, {"retry-after": "2"}, b""), 0.0, NOW) == 2.0


def test_a_refusal_is_raised_at_once() -> None:
    with pytest.raises(NotFound):
        follow().pause(Response(404, {}, b"{}"), 0.0, NOW)


def test_silence_is_a_time_out() -> None:
    with pytest.raises(TimedOut):
        follow(attempts=1).pause(NoResponse("silence", timed_out=True), 0.0, NOW)
