"""Both clients against a real service over loopback: the whole way from data to predictions."""

from __future__ import annotations

import io
from collections.abc import Iterator
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
def service(service: Client, request: pytest.FixtureRequest) -> Iterator[Client]:
    with client_of(request.param, service.base_url) as client:
        yield client


@pytest.fixture(scope="module")
def trained(service: Client) -> Job:
    csv = files("trainyard").joinpath("demo_data/penguins.csv").read_bytes()
    dataset = service.datasets.create(content=csv, target="species", name="penguins")
    job = service.jobs.create(TINY, dataset=dataset, name="tiny", tags=["test"])
    return service.jobs.wait(job, timeout=60)


@pytest.fixture
def endless(service: Client) -> Iterator[Job]:
    job = service.jobs.create(ENDLESS)
    yield job
    service.jobs.cancel(job)
    service.jobs.wait(job, timeout=60)
    service.jobs.delete(job)


def test_a_file_becomes_a_dataset(service: Client, trained: Job) -> None:
    assert trained.dataset is not None
    assert trained.dataset.id is not None
    dataset = service.datasets.get(trained.dataset.id)
    assert (dataset.rows, dataset.sha256) == (344, trained.dataset.sha256)
    assert dataset.task is not None
    assert dataset.task.classes == ["Adelie", "Chinstrap", "Gentoo"]
    assert [column.name for column in dataset.columns][:2] == ["species", "island"]
    assert dataset.id in [each.id for each in service.datasets.list(limit=200)]
    page = service.datasets.rows(dataset, offset=3, limit=2)
    assert (page.offset, page.total, len(page.data)) == (3, 344, 2)
    assert page.data[0]["bill_length_mm"] is None


def test_rows_become_a_dataset(service: Client) -> None:
    rows = [{"hours": hours, "passed": hours > 5} for hours in range(20)]
    by_records = service.datasets.create(rows=rows, target="passed")
    matrix = [[hours, hours > 5] for hours in range(20)]
    by_matrix = service.datasets.create(rows=matrix, columns=["hours", "passed"], target="passed")
    assert by_records.id == by_matrix.id
    service.datasets.delete(by_records)
    with pytest.raises(NotFound):
        service.datasets.get(by_records)


def test_built_in_data(service: Client) -> None:
    assert service.datasets.create(builtin="iris").rows == 150
    assert service.datasets.create(builtin={"kind": "two_moons", "samples": 50}).rows == 50


def test_a_job_runs_to_its_end(service: Client, trained: Job) -> None:
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
    assert trained.id in [job.id for job in service.jobs.list(tag="test", status="succeeded")]


def test_a_job_can_be_renamed(service: Client, trained: Job) -> None:
    changed = service.jobs.change(trained, name="little", metadata={"lecture": 7})
    assert (changed.name, changed.tags, changed.metadata) == ("little", ["test"], {"lecture": 7})


def test_every_event_comes_once_and_in_order(service: Client, trained: Job) -> None:
    events = list(service.jobs.events(trained))
    assert isinstance(events[-1], EndEvent)
    assert events[-1].model_id == trained.model_id
    assert [event.seq for event in events[:-1]] == list(range(1, trained.seq + 1))
    kinds = {type(event) for event in events}
    assert kinds == {TransitionEvent, EpochEvent, CheckpointEvent, EndEvent}
    epochs = [event.epoch.epoch for event in events if isinstance(event, EpochEvent)]
    assert epochs == [1, 2, 3, 4, 5]


def test_events_can_begin_anywhere(service: Client, trained: Job) -> None:
    (first, *_) = service.jobs.events(trained, after=trained.seq - 1)
    assert first.seq == trained.seq


def test_epochs_in_pages(service: Client, trained: Job) -> None:
    page = service.jobs.epochs(trained, limit=2)
    rest = service.jobs.epochs(trained, after=page.next_cursor)
    assert [epoch.epoch for epoch in [*page, *rest]] == [1, 2, 3, 4, 5]
    assert rest.next_cursor is None


def test_checkpoints(service: Client, trained: Job) -> None:
    checkpoints = service.jobs.checkpoints(trained)
    assert list(trained.all_checkpoints()) == list(checkpoints)
    assert any(checkpoint.best for checkpoint in checkpoints)
    assert checkpoints[0].epoch == 5


def test_a_plan_makes_nothing(service: Client) -> None:
    before = [job.id for job in service.jobs.list()]
    plan = service.jobs.plan(TINY, dataset={"kind": "digits"})
    assert plan.parameters == 64 * 8 + 8 + 8 * 10 + 10
    assert [layer.output_shape for layer in plan.layers][-1] == [10]
    assert [job.id for job in service.jobs.list()] == before


def test_the_same_key_makes_one_job(service: Client) -> None:
    spec = TINY | {"dataset": "iris"}
    first = service.jobs.create(spec, idempotency_key="once-and-only-once")
    second = service.jobs.create(spec, idempotency_key="once-and-only-once")
    assert first.id == second.id


def test_a_model_predicts_raw_rows(service: Client, trained: Job) -> None:
    assert trained.model_id is not None
    model = service.models.get(trained.model_id)
    assert (model.task.kind, model.task.target, model.final) == ("multiclass", "species", True)
    names = [column.name for column in model.inputs]
    assert len(names) == 7
    assert names[:2] == ["island", "bill_length_mm"]
    row = ["Atlantis", 46.1, float("nan"), 211, 4500, None, 2007]
    by_matrix = service.predictions.create(model, [row])
    by_records = service.predictions.create(model, [dict(zip(names, row, strict=True))])
    assert by_matrix.predictions == by_records.predictions
    assert by_matrix.predictions[0] in model.task.classes
    assert by_matrix.probabilities is not None
    assert sum(by_matrix.probabilities[0]) == pytest.approx(1)
    assert model.id in [each.id for each in service.models.list(limit=200)]


def test_epochs_become_a_data_frame(trained: Job) -> None:
    frame = trained.epochs().to_dataframe("polars")
    assert frame["epoch"].to_list() == [1, 2, 3, 4, 5]
    assert {"train_loss", "validation_accuracy", "learning_rate", "gap"} <= set(frame.columns)
    assert trained.latest is not None
    assert frame["train_loss"][-1] == trained.latest.train["loss"]
    with pytest.raises(ValueError, match="pandas or polars, not of 'excel'"):
        trained.epochs().to_dataframe("excel")


def test_a_model_is_asked(trained: Job) -> None:
    model = trained.model()
    assert (model.id, model.job_id) == (trained.model_id, trained.id)
    rows = [dict.fromkeys(column.name for column in model.inputs)]
    assert model.predict(rows).predictions[0] in model.task.classes
    assert model.evaluate(part="validation").rows == 69
    assert model.refresh() == model


def test_datasets_can_be_walked_over(service: Client, trained: Job) -> None:
    assert trained.dataset is not None
    (dataset,) = [each for each in service.datasets.all() if each.id == trained.dataset.id]
    assert dataset.preview(limit=1).total == dataset.refresh().rows == 344


def test_rows_can_be_walked_over(service: Client) -> None:
    dataset = service.datasets.create(builtin={"kind": "two_moons", "samples": 2100})
    rows = list(dataset.all_rows())
    assert len(rows) == 2100
    assert rows[2050] == dataset.preview(offset=2050, limit=1).data[0]


def test_a_model_is_evaluated(service: Client, trained: Job) -> None:
    assert trained.model_id is not None
    held_out = service.models.evaluate(trained.model_id)
    assert held_out.rows == 69
    assert 0 <= held_out.scores["accuracy"] <= 1
    on_training_rows = service.models.evaluate(trained.model_id, part="train")
    assert on_training_rows.rows == 275


def test_weights_are_safetensors(service: Client, trained: Job) -> None:
    assert trained.model_id is not None
    weights = load(service.models.weights(trained.model_id))
    assert weights["layers.0.weight"].shape[0] == 8
    assert all(np.isfinite(tensor).all() for tensor in weights.values())


def test_a_job_is_cancelled(service: Client, endless: Job) -> None:
    service.jobs.cancel(endless)
    assert service.jobs.wait(endless, timeout=60).status == "cancelled"


def test_a_job_is_paused_and_resumed(service: Client, endless: Job) -> None:
    events = service.jobs.events(endless)
    next(event for event in events if isinstance(event, EpochEvent))
    service.jobs.pause(endless)
    next(
        event
        for event in events
        if isinstance(event, TransitionEvent) and event.transition.to_status == "paused"
    )
    paused = service.jobs.get(endless)
    assert paused.status == "paused"
    service.jobs.resume(endless)
    epoch = next(event.epoch for event in events if isinstance(event, EpochEvent))
    assert epoch.epoch > paused.progress.epoch


def test_waiting_has_an_end_and_the_job_goes_on(service: Client, endless: Job) -> None:
    with pytest.raises(WaitTimedOut):
        service.jobs.wait(endless, timeout=0.1)
    assert not service.jobs.get(endless).ended


def test_a_running_job_is_not_deleted(service: Client, endless: Job) -> None:
    next(event for event in service.jobs.events(endless) if isinstance(event, EpochEvent))
    with pytest.raises(Conflict):
        service.jobs.delete(endless)


def test_a_wrong_job_is_told_where(service: Client) -> None:
    with pytest.raises(Invalid) as caught:
        service.jobs.create(dataset="iris", network={"layers": [{"kind": "dense", "units": 0}]})
    assert caught.value.pointers == ("/network/layers/0/units",)
    assert caught.value.request_id


def test_wrong_rows_are_told_where(service: Client, trained: Job) -> None:
    assert trained.model_id is not None
    row = {column.name: None for column in service.models.get(trained.model_id).inputs}
    with pytest.raises(Invalid) as caught:
        service.predictions.create(trained.model_id, [row, row | {"body_mass_g": "heavy"}])
    (error,) = caught.value.errors
    assert (error.row, error.column) == (1, "body_mass_g")


def test_what_is_not_there(service: Client) -> None:
    with pytest.raises(NotFound):
        service.jobs.get("job_01JD3W8YQ4N9T5V7Z2X6C1B0MA")
    with pytest.raises(NotFound):
        list(service.jobs.events("job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"))


def test_the_catalogue(service: Client) -> None:
    families = service.catalog().families
    assert "adam" in [entry["kind"] for entry in families["optimizer"]]


class Flaky(httpx.BaseTransport):
    """Breaks every stream of events off after some hundred bytes."""

    def __init__(self) -> None:
        self.inner = httpx.HTTPTransport()
        self.streams = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self.inner.handle_request(request)
        if request.headers["Accept"] == "text/event-stream":
            self.streams += 1
            response.stream = _Cut(response.stream)
        return response

    def close(self) -> None:
        self.inner.close()


class _Cut(httpx.SyncByteStream):
    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        assert isinstance(stream, httpx.SyncByteStream)
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        sent = io.BytesIO()
        for chunk in self.stream:
            yield chunk[:700]
            sent.write(chunk[:700])
            if len(chunk) > 700 or sent.tell() > 1500:
                raise httpx.ReadError("cut")

    def close(self) -> None:
        self.stream.close()


def test_no_event_is_missed_on_a_bad_line(service: Client) -> None:
    transport = Flaky()
    with Client(service.base_url, transport=transport, sleep=lambda _: None) as client:
        job = client.jobs.create(TINY, dataset="iris", training={"epochs": 30, "batch_size": 8})
        events = list(client.jobs.events(job))
    assert transport.streams > 3
    seqs = [event.seq for event in events[:-1]]
    assert seqs == list(range(1, len(seqs) + 1))
    assert sum(isinstance(event, EpochEvent) for event in events) == 30
