"""Both clients on a transport that answers from a script: what is sent, what is tried again."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

import trainyard
from tests.trainyard.waiting import client_of
from trainyard import (
    APIError,
    Client,
    ConnectionFailed,
    EndEvent,
    EpochEvent,
    Invalid,
    JobFailed,
    NoModel,
    NotConnected,
    OtherEvent,
    RetryPolicy,
    TimedOut,
    Unavailable,
    WaitTimedOut,
)

JOB = {"id": "job_1", "status": "running", "progress": {"epoch": 1, "epochs": 9}}
EPOCH = {"seq": 2, "epoch": 1, "train": {"loss": 0.5, "r2": None}, "validation": None}
Script = httpx.Response | Exception


class Recording(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with what it is given, in order, and keeps what it was asked."""

    def __init__(self, *answers: Script) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks
        raise httpx.ReadError("connection reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture(params=["Client", "AsyncClient"])
def connect(
    pauses: list[float], request: pytest.FixtureRequest
) -> Iterator[Callable[..., tuple[Client, Recording]]]:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    sleep = pauses.append if request.param == "Client" else pause
    with ExitStack() as clients:

        def make(*answers: Script, **options: Any) -> tuple[Client, Recording]:
            transport = Recording(*answers)
            options |= {"transport": transport, "sleep": sleep}
            client = client_of(request.param, "http://yard:9", **options)
            return clients.enter_context(client), transport

        yield make


Connect = Callable[..., tuple[Client, Recording]]


def ok(body: Any = JOB, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def stream(*events: dict[str, Any]) -> bytes:
    return b"".join(
        f"event: {event['type']}\nid: {event['seq']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )


def epoch_event(seq: int) -> dict[str, Any]:
    return {"type": "epoch", "seq": seq, "epoch": EPOCH | {"seq": seq}}


END = {"type": "end", "seq": 4, "status": "succeeded", "model_id": "mdl_1"}


def test_the_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_URL", "https://yard.example/team/")
    monkeypatch.setenv("TRAINYARD_API_KEY", "secret")
    transport = Recording(ok())
    with Client(transport=transport) as client:
        client.jobs.get("job_1")
    (request,) = transport.requests
    assert str(request.url) == "https://yard.example/team/v1/jobs/job_1"
    assert request.headers["Authorization"] == "Bearer secret"


def test_arguments_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_URL", "https://elsewhere.example")
    transport = Recording(ok())
    with Client("http://yard:9", api_key="mine", transport=transport) as client:
        client.jobs.get("job_1")
    assert transport.requests[0].url.host == "yard"
    assert transport.requests[0].headers["Authorization"] == "Bearer mine"


@pytest.mark.parametrize("url", ["yard:8000", "ftp://yard", "http://", ""])
def test_an_address_that_is_none(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINYARD_URL", raising=False)
    if url:
        with pytest.raises(ValueError, match="address"):
            Client(url)
    else:
        with Client(url) as client:
            assert client.base_url == "http://127.0.0.1:8000"


def test_ids_cannot_leave_their_place(connect: Connect) -> None:
    client, transport = connect(ok())
    client.jobs.get("../models?x=1#y")
    assert transport.requests[0].url.raw_path == b"/v1/jobs/..%2Fmodels%3Fx%3D1%23y"


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


def test_a_job_without_a_model_says_so(connect: Connect) -> None:
    client, _ = connect(ok(JOB))
    with pytest.raises(NoModel, match="job_1 is running and has no model: wait"):
        client.jobs.model("job_1")


def test_methods_of_a_job_are_those_of_jobs(connect: Connect) -> None:
    client, transport = connect(ok(JOB), ok(JOB), httpx.Response(204))
    job = client.jobs.get("job_1")
    job.advance(steps=3, idempotency_key="k").delete()
    advanced, deleted = transport.requests[1:]
    assert json.loads(advanced.content) == {"steps": 3}
    assert advanced.headers["Idempotency-Key"] == "k"
    assert (deleted.method, deleted.url.path) == ("DELETE", "/v1/jobs/job_1")


def test_a_job_is_a_value_whose_client_is_no_part_of_it() -> None:
    with Client("http://yard:9", transport=Recording(ok(), ok())) as client:
        job = client.jobs.get("job_1")
        same = pickle.loads(pickle.dumps(job))
        assert same == job == client.jobs.get("job_1") == copy.deepcopy(job)
    with pytest.raises(NotConnected, match="this Job has no client"):
        same.refresh()


def test_methods_tell_their_own_signature() -> None:
    with Client("http://yard:9", transport=Recording(ok())) as client:
        job = client.jobs.get("job_1")
    assert str(inspect.signature(job.advance)).startswith("(*, epochs: ")
    assert "go on for so many epochs" in (inspect.getdoc(job.advance) or "")


def test_a_job_is_made_from_a_mapping_and_keywords(connect: Connect) -> None:
    client, transport = connect(ok({"id": "ds_1"}, 201), ok(status=202))
    data = client.datasets.create(builtin="iris")
    job = client.jobs.create({"name": "a", "training": {"epochs": 1}}, name="b", dataset=data)
    body = json.loads(transport.requests[1].content)
    assert body == {"name": "b", "training": {"epochs": 1}, "dataset": "ds_1"}
    assert job.progress.epochs == 9


def test_members_of_a_newer_service_are_kept(connect: Connect) -> None:
    client, _ = connect(ok(JOB | {"mood": "good"}))
    assert client.jobs.get("job_1").mood == "good"  # type: ignore[attr-defined]


def test_a_plan_makes_nothing(connect: Connect) -> None:
    client, transport = connect(ok({"parameters": 12, "layers": []}))
    assert client.jobs.plan(dataset="ds_1").parameters == 12
    (request,) = transport.requests
    assert request.url.params["validate_only"] == "true"
    assert "Idempotency-Key" not in request.headers


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


@pytest.mark.parametrize("action", ["cancel", "pause", "resume"])
def test_actions(connect: Connect, action: str) -> None:
    client, transport = connect(ok(JOB | {"pending_action": action}, 202))
    assert getattr(client.jobs, action)("job_1").pending_action == action
    assert transport.requests[0].url.path == f"/v1/jobs/job_1/{action}"


def test_deleting_gives_nothing(connect: Connect) -> None:
    client, transport = connect(httpx.Response(204), httpx.Response(204))
    client.jobs.delete("job_1")
    client.datasets.delete("ds_1")
    assert [request.method for request in transport.requests] == ["DELETE", "DELETE"]


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


def test_a_file_is_uploaded_with_its_name_and_target(connect: Connect, tmp_path: Any) -> None:
    file = tmp_path / "birds.csv"
    file.write_bytes(b"a,b\n1,2\n")
    client, transport = connect(ok({"id": "ds_1"}, 201))
    client.datasets.create(file=file, target="b")
    (request,) = transport.requests
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="target"\r\n\r\nb\r\n' in request.content
    assert b'name="file"; filename="birds.csv"' in request.content
    assert b"a,b\n1,2\n" in request.content
    assert request.headers["Idempotency-Key"]


@pytest.mark.parametrize("sources", [{}, {"builtin": "iris", "rows": [{"a": 1}]}])
def test_a_dataset_has_one_source(connect: Connect, sources: dict[str, Any]) -> None:
    client, _ = connect()
    with pytest.raises(TypeError, match="one of"):
        client.datasets.create(**sources)


def test_predictions(connect: Connect) -> None:
    answers = {
        "model_id": "mdl_1",
        "target": "kind",
        "predictions": ["a", "b"],
        "classes": ["a", "b"],
        "probabilities": [[0.9, 0.1], [0.2, 0.8]],
    }
    client, transport = connect(ok(answers))
    got = client.predictions.create("mdl_1", [{"x": 1.0}, {"x": float("nan")}], checkpoint=7)
    assert got.predictions == ["a", "b"]
    (request,) = transport.requests
    assert json.loads(request.content) == {"records": [{"x": 1.0}, {"x": None}]}
    assert request.url.params["checkpoint"] == "7"


def test_weights_are_bytes(connect: Connect) -> None:
    client, _ = connect(httpx.Response(200, content=b"\x08\0weights"))
    assert client.models.weights("mdl_1") == b"\x08\0weights"


def test_infinity_is_refused_before_it_is_sent(connect: Connect) -> None:
    client, transport = connect()
    with pytest.raises(ValueError, match="JSON"):
        client.jobs.create(training={"epochs": float("inf")})
    assert transport.requests == []


def test_everything_public_can_be_imported_from_the_package() -> None:
    from trainyard import async_client, client, errors, events, insights, results

    for module in (async_client, client, errors, events, insights, results):
        for name in module.__all__:
            assert getattr(trainyard, name) is getattr(module, name)
    with pytest.raises(AttributeError, match="nonsense"):
        trainyard.nonsense  # noqa: B018
