"""Both clients against a real service over loopback: the whole way from data to predictions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from importlib.resources import files

import httpx
import numpy as np
import pytest
from safetensors.numpy import load

from tests.trainyard.waiting import client_of
from trainyard import (
    CheckpointEvent,
    Client,
    Conflict,
    EndEvent,
    EpochEvent,
    Invalid,
    Job,
    NotFound,
    TransitionEvent,
    WaitTimedOut,
)

TINY = {
    "network": {"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}]},
    "training": {"epochs": 5, "batch_size": 16, "seed": 7},
}
ENDLESS = TINY | {
    "dataset": {"kind": "two_moons", "samples": 2000},
    "training": {"epochs": 100_000, "batch_size": 1, "seed": 7},
}


@pytest.fixture(scope="module", params=["Client", "AsyncClient"])
def client(service: Client, request: pytest.FixtureRequest) -> Iterator[Client]:
    with client_of(request.param, service.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def trained_id(service: Client) -> str:
    csv = files("trainyard").joinpath("demo_data/penguins.csv").read_bytes()
    dataset = service.datasets.create(content=csv, target="species", name="penguins")
    return service.jobs.create(TINY, dataset=dataset, name="tiny", tags=["test"]).id


@pytest.fixture(scope="module")
def trained(client: Client, trained_id: str) -> Job:
    return client.jobs.wait(trained_id, timeout=60)


@pytest.fixture
def endless(client: Client) -> Iterator[Job]:
    job = client.jobs.create(ENDLESS)
    yield job
    client.jobs.cancel(job)
    client.jobs.wait(job, timeout=60)
    client.jobs.delete(job)


def test_a_file_becomes_a_dataset(client: Client, trained: Job) -> None:
    assert trained.dataset is not None
    assert trained.dataset.id is not None
    dataset = client.datasets.get(trained.dataset.id)
    assert (dataset.rows, dataset.sha256) == (344, trained.dataset.sha256)
    assert dataset.task is not None
    assert dataset.task.classes == ["Adelie", "Chinstrap", "Gentoo"]
    assert [column.name for column in dataset.columns][:2] == ["species", "island"]
    assert dataset.id in [each.id for each in client.datasets.list(limit=200)]
    page = client.datasets.rows(dataset, offset=3, limit=2)
    assert (page.offset, page.total, len(page.data)) == (3, 344, 2)
    assert page.data[0]["bill_length_mm"] is None


def test_rows_become_a_dataset(client: Client) -> None:
    rows = [{"hours": hours, "passed": hours > 5} for hours in range(20)]
    by_records = client.datasets.create(rows=rows, target="passed")
    matrix = [[hours, hours > 5] for hours in range(20)]
    by_matrix = client.datasets.create(rows=matrix, columns=["hours", "passed"], target="passed")
    assert by_records.id == by_matrix.id
    client.datasets.delete(by_records)
    with pytest.raises(NotFound):
        client.datasets.get(by_records)


def test_built_in_data(client: Client) -> None:
    assert client.datasets.create(builtin="iris").rows == 150
    assert client.datasets.create(builtin={"kind": "two_moons", "samples": 50}).rows == 50


def test_a_job_runs_to_its_end(client: Client, trained: Job) -> None:
    assert (trained.status, trained.stop_reason, trained.target) == (
        "succeeded",
        "completed",
        "species",
    )
    assert trained.progress.epoch == trained.progress.epochs == 5
    assert trained.latest is not None
    assert trained.latest.epoch == 5
    assert trained.spec["training"]["seed"] == 7
    assert trained.finished_at is not None
    assert trained.finished_at.tzinfo is not None
    assert trained.id in [job.id for job in client.jobs.list(tag="test", status="succeeded")]


def test_a_job_can_be_renamed(client: Client, trained: Job) -> None:
    changed = client.jobs.change(trained, name="little", metadata={"lecture": 7})
    assert (changed.name, changed.tags, changed.metadata) == ("little", ["test"], {"lecture": 7})


def test_every_event_comes_once_and_in_order(client: Client, trained: Job) -> None:
    events = list(client.jobs.events(trained))
    assert isinstance(events[-1], EndEvent)
    assert events[-1].model_id == trained.model_id
    assert [event.seq for event in events[:-1]] == list(range(1, trained.seq + 1))
    kinds = {type(event) for event in events}
    assert kinds == {TransitionEvent, EpochEvent, CheckpointEvent, EndEvent}
    epochs = [event.epoch.epoch for event in events if isinstance(event, EpochEvent)]
    assert epochs == [1, 2, 3, 4, 5]


def test_events_can_begin_anywhere(client: Client, trained: Job) -> None:
    (first, *_) = client.jobs.events(trained, after=trained.seq - 1)
    assert first.seq == trained.seq


def test_epochs_in_pages(client: Client, trained: Job) -> None:
    page = client.jobs.epochs(trained, limit=2)
    rest = client.jobs.epochs(trained, after=page.next_cursor)
    assert [epoch.epoch for epoch in [*page, *rest]] == [1, 2, 3, 4, 5]
    assert rest.next_cursor is None
    part = trained.epochs(after=page[0].seq, before=rest[1].seq, max_points=8)
    assert [epoch.epoch for epoch in part] == [2, 3]


def test_checkpoints(client: Client, trained: Job) -> None:
    checkpoints = client.jobs.checkpoints(trained)
    assert list(trained.all_checkpoints()) == list(checkpoints)
    assert any(checkpoint.best for checkpoint in checkpoints)
    assert checkpoints[0].epoch == 5


def test_a_plan_makes_nothing(client: Client) -> None:
    before = [job.id for job in client.jobs.list()]
    plan = client.jobs.plan(TINY, dataset={"kind": "digits"})
    assert plan.parameters == 64 * 8 + 8 + 8 * 10 + 10
    assert [layer.output_shape for layer in plan.layers][-1] == [10]
    assert [job.id for job in client.jobs.list()] == before


def test_the_same_key_makes_one_job(client: Client) -> None:
    spec = TINY | {"dataset": "iris"}
    first = client.jobs.create(spec, idempotency_key="once-and-only-once")
    second = client.jobs.create(spec, idempotency_key="once-and-only-once")
    assert first.id == second.id


def test_a_model_predicts_raw_rows(client: Client, trained: Job) -> None:
    assert trained.model_id is not None
    model = client.models.get(trained.model_id)
    assert (model.task.kind, model.task.target, model.final) == ("multiclass", "species", True)
    names = [column.name for column in model.inputs]
    assert len(names) == 7
    assert names[:2] == ["island", "bill_length_mm"]
    row = ["Atlantis", 46.1, float("nan"), 211, 4500, None, 2007]
    by_matrix = client.predictions.create(model, [row])
    by_records = client.predictions.create(model, [dict(zip(names, row, strict=True))])
    assert by_matrix.predictions == by_records.predictions
    assert by_matrix.predictions[0] in model.task.classes
    assert by_matrix.probabilities is not None
    assert sum(by_matrix.probabilities[0]) == pytest.approx(1)
    assert model.id in [each.id for each in client.models.list(limit=200)]


def test_epochs_become_a_data_frame(trained: Job) -> None:
    frame = trained.epochs().to_dataframe("polars")
    assert frame["epoch"].to_list() == [1, 2, 3, 4, 5]
    assert {"train_loss", "validation_accuracy", "learning_rate", "gap"} <= set(frame.columns)
    assert trained.latest is not None
    assert frame["train_loss"][-1] == trained.latest.train["loss"]
    preferred = trained.epochs().to_dataframe()
    assert type(preferred).__module__.startswith("pandas")
    assert preferred["epoch"].tolist() == [1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="pandas or polars, not of 'excel'"):
        trained.epochs().to_dataframe("excel")


def test_a_model_is_asked(trained: Job) -> None:
    model = trained.model()
    assert (model.id, model.job_id) == (trained.model_id, trained.id)
    rows = [dict.fromkeys(column.name for column in model.inputs)]
    assert model.predict(rows).predictions[0] in model.task.classes
    assert model.evaluate(part="validation").rows == 69
    assert model.refresh() == model


def test_datasets_can_be_walked_over(client: Client, trained: Job) -> None:
    assert trained.dataset is not None
    (dataset,) = [each for each in client.datasets.all() if each.id == trained.dataset.id]
    assert dataset.preview(limit=1).total == dataset.refresh().rows == 344


def test_rows_can_be_walked_over(client: Client) -> None:
    dataset = client.datasets.create(builtin={"kind": "two_moons", "samples": 2100})
    rows = list(dataset.all_rows())
    assert len(rows) == 2100
    assert rows[2050] == dataset.preview(offset=2050, limit=1).data[0]


def test_a_model_is_evaluated(client: Client, trained: Job) -> None:
    assert trained.model_id is not None
    held_out = client.models.evaluate(trained.model_id)
    assert held_out.rows == 69
    assert 0 <= held_out.scores["accuracy"] <= 1
    on_training_rows = client.models.evaluate(trained.model_id, part="train")
    assert on_training_rows.rows == 275


def test_weights_are_safetensors(client: Client, trained: Job) -> None:
    assert trained.model_id is not None
    weights = load(client.models.weights(trained.model_id))
    assert weights["layers.0.weight"].shape[0] == 8
    assert all(np.isfinite(tensor).all() for tensor in weights.values())


def test_a_job_is_cancelled(client: Client, endless: Job) -> None:
    client.jobs.cancel(endless)
    assert client.jobs.wait(endless, timeout=60).status == "cancelled"


def test_a_job_is_paused_and_resumed(client: Client, endless: Job) -> None:
    events = client.jobs.events(endless)
    next(event for event in events if isinstance(event, EpochEvent))
    client.jobs.pause(endless)
    next(
        event
        for event in events
        if isinstance(event, TransitionEvent) and event.transition.to_status == "paused"
    )
    paused = client.jobs.get(endless)
    assert paused.status == "paused"
    client.jobs.resume(endless)
    epoch = next(event.epoch for event in events if isinstance(event, EpochEvent))
    assert epoch.epoch > paused.progress.epoch


def test_waiting_has_an_end_and_the_job_goes_on(client: Client, endless: Job) -> None:
    with pytest.raises(WaitTimedOut):
        client.jobs.wait(endless, timeout=0.1)
    assert not client.jobs.get(endless).ended


def test_a_running_job_is_not_deleted(client: Client, endless: Job) -> None:
    next(event for event in client.jobs.events(endless) if isinstance(event, EpochEvent))
    with pytest.raises(Conflict):
        client.jobs.delete(endless)


def test_a_wrong_job_is_told_where(client: Client) -> None:
    with pytest.raises(Invalid) as caught:
        client.jobs.create(dataset="iris", network={"layers": [{"kind": "dense", "units": 0}]})
    assert caught.value.pointers == ("/network/layers/0/units",)
    assert caught.value.request_id


def test_wrong_rows_are_told_where(client: Client, trained: Job) -> None:
    assert trained.model_id is not None
    row = {column.name: None for column in client.models.get(trained.model_id).inputs}
    with pytest.raises(Invalid) as caught:
        client.predictions.create(trained.model_id, [row, row | {"body_mass_g": "heavy"}])
    (error,) = caught.value.errors
    assert (error.row, error.column) == (1, "body_mass_g")


def test_what_is_not_there(client: Client) -> None:
    with pytest.raises(NotFound):
        client.jobs.get("job_01JD3W8YQ4N9T5V7Z2X6C1B0MA")
    with pytest.raises(NotFound):
        list(client.jobs.events("job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))


def test_the_catalogue(client: Client) -> None:
    families = client.catalog().families
    assert "adam" in [entry["kind"] for entry in families["optimizer"]]


class Flaky(httpx.HTTPTransport):
    """Cuts every stream of events off after a little, in the middle of things."""

    streams = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.headers["Accept"] == "text/event-stream":
            self.streams += 1
            response.stream = _Cut(response.stream)
        return response


class AsyncFlaky(httpx.AsyncHTTPTransport):
    """The same for the client that is awaited."""

    streams = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        if request.headers["Accept"] == "text/event-stream":
            self.streams += 1
            response.stream = _Cut(response.stream)
        return response


class _Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        self.stream = stream
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        assert isinstance(self.stream, httpx.SyncByteStream)
        for chunk in self.stream:
            yield self._part(chunk)
            self._cut(chunk)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self.stream, httpx.AsyncByteStream)
        async for chunk in self.stream:
            yield self._part(chunk)
            self._cut(chunk)

    def _part(self, chunk: bytes) -> bytes:
        self.sent += len(chunk[:700])
        return chunk[:700]

    def _cut(self, chunk: bytes) -> None:
        if len(chunk) > 700 or self.sent > 1500:
            raise httpx.ReadError("cut")

    def close(self) -> None:
        assert isinstance(self.stream, httpx.SyncByteStream)
        self.stream.close()

    async def aclose(self) -> None:
        assert isinstance(self.stream, httpx.AsyncByteStream)
        await self.stream.aclose()


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
def test_no_event_is_missed_on_a_bad_line(service: Client, kind: str) -> None:
    async def go_on(_seconds: float) -> None:
        pass

    transport: Flaky | AsyncFlaky = Flaky() if kind == "Client" else AsyncFlaky()
    sleep = (lambda _: None) if kind == "Client" else go_on
    with client_of(kind, service.base_url, transport=transport, sleep=sleep) as client:
        job = client.jobs.create(TINY, dataset="iris", training={"epochs": 30, "batch_size": 8})
        events = list(job.events())
    assert transport.streams > 3
    seqs = [event.seq for event in events[:-1]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert sum(isinstance(event, EpochEvent) for event in events) == 30
