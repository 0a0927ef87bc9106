"""Following a job: over lost connections to its end, and never to a false one."""

from __future__ import annotations

import httpx
import pytest

from tests.trainyard.client.scripted import END, Broken, Connect, epoch_event, stream
from trainyard import APIError, ConnectionFailed, EndEvent, EpochEvent, OtherEvent


def test_events_survive_lost_connections(connect: Connect, pauses: list[float]) -> None:
    client, transport = connect(
        httpx.Response(200, stream=Broken(stream(epoch_event(1)), stream(epoch_event(2))[:20])),
        httpx.ConnectError("refused"),
        httpx.Response(503, json={}),
        httpx.Response(200, content=stream(epoch_event(2), epoch_event(3))),
        httpx.Response(200, content=stream(END)),
    )
    events = list(client.jobs.events("job_1"))
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert isinstance(events[0], EpochEvent)
    assert events[0].epoch.train == {"loss": 0.5, "r2": None}
    assert isinstance(events[-1], EndEvent)
    assert events[-1].model_id == "mdl_1"
    last_seen = [request.headers["Last-Event-ID"] for request in transport.requests]
    assert last_seen == ["0", "1", "1", "1", "3"]
    assert len(pauses) == 4


def test_events_of_a_newer_service_pass(connect: Connect) -> None:
    note = {"type": "note", "seq": 1, "text": "hello"}
    client, _ = connect(httpx.Response(200, content=stream(note, END)))
    first = next(iter(client.jobs.events("job_1")))
    assert isinstance(first, OtherEvent)
    assert (first.type, first.text) == ("note", "hello")  # type: ignore[attr-defined]


def test_events_of_no_job(connect: Connect) -> None:
    client, _ = connect(httpx.Response(404, json={"title": "Not found"}))
    with pytest.raises(APIError, match="404"):
        list(client.jobs.events("job_1"))


def test_a_lost_stream_never_looks_like_the_end(connect: Connect) -> None:
    client, _ = connect(*[httpx.Response(200, content=b"")] * 4)
    with pytest.raises(ConnectionFailed, match="before the job had ended"):
        list(client.jobs.events("job_1"))
