"""What editors and mypy know of both clients; mypy reads the assertions, and they hold when run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import assert_type

import httpx

from trainyard import (
    AsyncClient,
    AsyncDataset,
    AsyncJob,
    AsyncModel,
    Catalog,
    Client,
    Dataset,
    Epochs,
    Event,
    Job,
    Model,
    Page,
    Plan,
    Predictions,
)

ANSWERS = {
    "/v1/jobs": {"data": [{"id": "job_1", "status": "paused"}]},
    "/v1/jobs/job_1": {"id": "job_1", "status": "paused", "model_id": "mdl_1"},
    "/v1/jobs/job_1/epochs": {"data": []},
    "/v1/models/mdl_1": {"id": "mdl_1", "task": {"kind": "binary"}},
    "/v1/models/mdl_1/predictions": {"model_id": "mdl_1", "predictions": [1]},
    "/v1/datasets/ds_1": {"id": "ds_1"},
    "/v1/catalog": {"families": {}},
}


def answer(request: httpx.Request) -> httpx.Response:
    known = "validate_only" in request.url.params or ANSWERS[request.url.path]
    return httpx.Response(200, json={} if known is True else known)


TRANSPORT = httpx.MockTransport(answer)


def test_the_client_that_waits() -> None:
    with Client("http://yard:9", transport=TRANSPORT) as client:
        job = assert_type(client.jobs.get("job_1"), Job)
        assert isinstance(job, Job)
        assert_type(job.refresh(), Job)
        assert_type(client.jobs.plan(dataset="iris"), Plan)
        page = assert_type(client.jobs.list(), Page[Job])
        assert isinstance(page[0], Job)
        assert_type(client.jobs.all(), Iterator[Job])
        assert_type(job.events(), Iterator[Event])
        assert_type(job.epochs(), Epochs)
        model = assert_type(job.model(), Model)
        assert isinstance(model, Model)
        assert_type(model.predict([{"x": 1}]), Predictions)
        assert_type(client.datasets.get("ds_1"), Dataset)
        assert_type(client.catalog(), Catalog)


async def ask() -> None:
    async with AsyncClient("http://yard:9", transport=TRANSPORT) as client:
        job = assert_type(await client.jobs.get("job_1"), AsyncJob)
        assert isinstance(job, AsyncJob)
        assert_type(await job.refresh(), AsyncJob)
        assert_type(await client.jobs.plan(dataset="iris"), Plan)
        page = assert_type(await client.jobs.list(), Page[AsyncJob])
        assert isinstance(page[0], AsyncJob)
        assert_type(client.jobs.all(), AsyncIterator[AsyncJob])
        assert_type(job.events(), AsyncIterator[Event])
        assert_type(await job.epochs(), Epochs)
        model = assert_type(await job.model(), AsyncModel)
        assert isinstance(model, AsyncModel)
        assert_type(await model.predict([{"x": 1}]), Predictions)
        assert_type(await client.datasets.get("ds_1"), AsyncDataset)
        assert_type(await client.catalog(), Catalog)
        first, second = await asyncio.gather(client.jobs.get("job_1"), job.refresh())
        assert first == second


def test_the_client_that_is_awaited() -> None:
    asyncio.run(ask())
