"""The stream of a job's events: complete, resumable, ended by the job or by the server."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.events import streams
from service.events.router import MAX_JOBS
from tests.plugins.servers import Served

STREAM = {"Accept": "text/event-stream"}
JOB = {"dataset": {"kind": "xor", "samples": 100}, "training": {"epochs": 30, "seed": 1}}


class Events:
    """Reads Server-Sent Events off a response, comments included."""

    def __init__(self, response: httpx.Response) -> None:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        self._lines = response.iter_lines()

    def __iter__(self) -> Iterator[dict[str, str]]:
        event: dict[str, str] = {}
        for line in self._lines:
            if line:
                name, _, value = line.partition(": ")
                event[name] = value
            else:
                yield event
                event = {}


@contextmanager
def following_all(
    client: httpx.Client, *jobs: str, **headers: str
) -> Iterator[Iterator[dict[str, str]]]:
    parameters = {"job_id": list(jobs)}
    with client.stream("GET", "/v1/events", params=parameters, headers=headers) as response:
        yield iter(Events(response))


@contextmanager
def following(client: httpx.Client, job: str, **headers: str) -> Iterator[Iterator[dict[str, str]]]:
    with client.stream("GET", f"/v1/jobs/{job}/events", headers=STREAM | headers) as response:
        yield iter(Events(response))


def make(client: httpx.Client) -> str:
    identifier: str = client.post("/v1/jobs", json=JOB).json()["id"]
    return identifier


def numbered(events: Iterator[dict[str, str]]) -> list[tuple[int, str, Any]]:
    return [
        (int(event["id"]), event["event"], json.loads(event["data"]))
        for event in events
        if "event" in event
    ]


def test_a_job_is_followed_from_its_first_event_to_its_end(training: Served) -> None:
    with following(training.client, make(training.client)) as events:
        seen = numbered(events)
    *happened, (last, name, end) = seen
    assert [seq for seq, _, _ in happened] == list(range(1, last + 1))
    assert (name, end["status"], end["stop_reason"]) == ("end", "succeeded", "completed")
    assert end["model_id"].startswith("mdl_")
    epochs = [data["epoch"]["epoch"] for _, name, data in happened if name == "epoch"]
    assert epochs == list(range(1, 31))
    statuses = [
        data["transition"]["to_status"] for _, name, data in happened if name == "transition"
    ]
    assert statuses == ["queued", "running", "succeeded"]


def test_a_stream_goes_on_after_the_last_event_seen(training: Served) -> None:
    job = make(training.client)
    with following(training.client, job) as events:
        everything = numbered(events)
    with following(training.client, job, **{"Last-Event-ID": "7"}) as events:
        assert numbered(events) == everything[7:]
    last = str(everything[-1][0])
    with following(training.client, job, **{"Last-Event-ID": last}) as events:
        assert [name for _, name, _ in numbered(events)] == ["end"]


def test_pages_and_stream_tell_the_same(training: Served) -> None:
    job = make(training.client)
    with following(training.client, job) as events:
        streamed = [data for _, name, data in numbered(events) if name != "end"]
    page = training.client.get(f"/v1/jobs/{job}/events?limit=1000").json()
    assert page["data"] == streamed


def test_many_may_follow_one_job(training: Served) -> None:
    job = make(training.client)

    def follow(_: int) -> list[Any]:
        with httpx.Client(base_url=training.url) as client, following(client, job) as events:
            return numbered(events)

    with ThreadPoolExecutor(8) as pool:
        first, *others = pool.map(follow, range(8))
    assert first[-1][1] == "end"
    assert all(other == first for other in others)


def test_changes_arrive_while_the_stream_is_open(served: Served) -> None:
    job = make(served.client)
    with following(served.client, job) as events:
        assert next(events) == {"retry": "1000"}
        assert json.loads(next(events)["data"])["transition"]["to_status"] == "queued"
        httpx.post(f"{served.url}/v1/jobs/{job}/cancel")
        assert json.loads(next(events)["data"])["transition"]["to_status"] == "cancelled"
        assert next(events)["event"] == "end"
        assert next(events, None) is None


def test_silence_is_broken_by_comments(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "HEARTBEAT_SECONDS", 0.05)
    with following(served.client, make(served.client)) as events:
        next(events)
        next(events)
        assert list(next(events)) == [""]
        assert list(next(events)) == [""]


def test_a_stream_ends_when_its_job_is_deleted(served: Served) -> None:
    job = make(served.client)
    with following(served.client, job) as events:
        next(events)
        httpx.delete(f"{served.url}/v1/jobs/{job}")
        assert "end" not in [event.get("event") for event in events]


def test_there_is_no_stream_of_a_job_that_is_not_there(served: Served) -> None:
    path = "/v1/jobs/job_00000000000000000000000000/events"
    answer = served.client.get(path, headers=STREAM)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def told(events: Iterator[dict[str, str]]) -> list[tuple[str, str, Any]]:
    return [
        (event["id"], event["event"], json.loads(event["data"]))
        for event in events
        if "id" in event
    ]


def of_job(job: str, events: list[tuple[str, str, Any]]) -> list[tuple[str, Any]]:
    return [(name, data["event"]) for _, name, data in events if data["job_id"] == job]


def test_several_jobs_are_followed_on_one_stream(training: Served) -> None:
    jobs = [make(training.client) for _ in range(3)]
    with following_all(training.client, *jobs) as events:
        *happened, end = [event for event in events if "data" in event]
    assert end == {"event": "end", "data": "{}"}
    together = told(iter(happened))
    for job in jobs:
        with following(training.client, job) as events:
            alone = [(name, data) for _, name, data in numbered(events)]
        assert of_job(job, together) == alone


def test_a_stream_of_several_goes_on_where_it_was_of_each(training: Served) -> None:
    jobs = [make(training.client) for _ in range(2)]
    with following_all(training.client, *jobs) as events:
        everything = told(events)
    for place in (0, len(everything) // 2, len(everything) - 1):
        with following_all(training.client, *jobs, **{"Last-Event-ID": everything[place][0]}) as on:
            later = told(on)
        for job in jobs:
            rest = of_job(job, everything[place + 1 :])
            # An end is told again: it has the number of the last thing that happened.
            assert of_job(job, later) == (rest or of_job(job, everything)[-1:])


def test_changes_of_each_arrive_while_the_stream_is_open(served: Served) -> None:
    jobs = [make(served.client) for _ in range(2)]
    with following_all(served.client, *jobs) as events:
        assert next(events) == {"retry": "1000"}
        assert {json.loads(next(events)["data"])["job_id"] for _ in jobs} == set(jobs)
        for job in jobs:
            httpx.post(f"{served.url}/v1/jobs/{job}/cancel")
            for name in ("transition", "end"):
                event = next(events)
                assert (event["event"], json.loads(event["data"])["job_id"]) == (name, job)
        assert next(events) == {"event": "end", "data": "{}"}
        assert next(events, None) is None


def test_many_jobs_are_followed_on_one_stream(served: Served) -> None:
    jobs = [make(served.client) for _ in range(60)]
    known = ",".join("1" for _ in jobs)  # that they were queued
    with following_all(served.client, *jobs, **{"Last-Event-ID": known}) as events:
        next(events)
        for job in reversed(jobs):
            served.client.post(f"/v1/jobs/{job}/cancel")
        *happened, end = [event for event in events if "data" in event]
    assert end == {"event": "end", "data": "{}"}
    together = told(iter(happened))
    for job in jobs:
        assert [name for name, _ in of_job(job, together)] == ["transition", "end"]


def test_a_job_that_is_deleted_leaves_the_stream_to_the_others(served: Served) -> None:
    gone, stays = (make(served.client) for _ in range(2))
    with following_all(served.client, gone, stays) as events:
        next(events)
        httpx.delete(f"{served.url}/v1/jobs/{gone}")
        httpx.post(f"{served.url}/v1/jobs/{stays}/cancel")
        ended = [json.loads(event["data"]) for event in events if event.get("event") == "end"]
    assert [data.get("job_id") for data in ended] == [stays, None]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/job_id"),
        ("job_id={job}&job_id={job}", "/job_id"),
        ("job_id=no-such-thing", "/job_id/0"),
        ("job_id={job}&after=1,2", "/after"),
        ("job_id={job}&after=one", "/after"),
        ("&".join(["job_id={job}"] * (MAX_JOBS + 1)), "/job_id"),
    ],
)
def test_which_jobs_to_follow_must_be_clear(served: Served, query: str, pointer: str) -> None:
    answer = served.client.get("/v1/events?" + query.format(job=make(served.client)))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    missing = served.client.get("/v1/events?job_id=job_00000000000000000000000000")
    assert missing.status_code == 404


def test_as_many_jobs_as_a_stream_follows_fit_into_a_request_line(served: Served) -> None:
    jobs = [f"job_{number:026}" for number in range(MAX_JOBS)]
    answer = served.client.get("/v1/events", params={"job_id": jobs})
    assert answer.status_code == 404  # it was read: these jobs are not there
    assert len(answer.request.url.raw_path) < 8000


SERVER = """
import socket, sys, uvicorn
from service.app import create_app
from service.settings import Settings
server = uvicorn.Server(uvicorn.Config(create_app(Settings()), log_config=None))
server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_open_streams_and_the_server(
    number: signal.Signals, tmp_path: Path, migrated_file: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "trainyard.sqlite3")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(listening.fileno())],
            pass_fds=[listening.fileno()],
            env={"TRAINYARD_DATA_DIR": str(tmp_path), "PYTHONPATH": "."},
        )
    try:
        with httpx.Client(base_url=url, timeout=60) as client:
            job = make(client)
            path = f"/v1/jobs/{job}"
            sent = threading.Event()

            def trace(step: str, _: object) -> None:
                if step == "http11.send_request_body.complete":
                    sent.set()

            with following(client, job) as events, ThreadPoolExecutor(1) as pool:
                next(events)
                held = pool.submit(
                    client.get, path, headers={"Prefer": "wait=60"}, extensions={"trace": trace}
                )
                assert sent.wait(60)
                client.get("/livez")  # what was sent before that has been read
                next(events)
                server.send_signal(number)
                assert "end" not in [event.get("event") for event in events]
                assert held.result().status_code == 200
        server.wait(timeout=20)
    finally:
        server.kill()
        server.wait()
