"""Calls about jobs: create, watch, control."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trainyard.calls.identifiers import identifier
from trainyard.errors import JobFailed, NoModel, WaitTimedOut
from trainyard.events import Event, read_event
from trainyard.insights import (
    RangeTestResult,
)
from trainyard.protocol import request as http
from trainyard.protocol.answers import NOT_MODIFIED, nothing
from trainyard.protocol.following import Following
from trainyard.protocol.paging import MOST, Paging
from trainyard.protocol.request import Call, Json, Pause, Request, Response, Steps, path
from trainyard.records import Checkpoint, JobRecord, ModelRecord, Page, Plan

PATIENCE = 20.0
"""Seconds that the service is asked to hold an answer until something changes."""

LATENESS = 0.05
MAX_PAUSE = 1.0
"""A running job changes many times a second. Asking again only after a twentieth of the time waited
so far, or a second, costs little: the end is seen at most so much too late."""


class JobCalls:
    """What ``client.jobs`` asks for. A job is given as its id or as a :class:`Job`."""

    @staticmethod
    def create(
        spec: Mapping[str, Any] | None = None,
        /,
        *,
        idempotency_key: str | None = None,
        **members: Json,
    ) -> Call[JobRecord]:
        """Queue a job, given as a mapping, as keyword arguments, or both (the latter win).

        >>> job = client.jobs.create(dataset=data, training={"epochs": 50})  # doctest: +SKIP
        """
        body = _specification(spec, members)
        return Call(http.post(path("jobs"), body, idempotency_key=idempotency_key), JobRecord.read)

    @staticmethod
    def plan(spec: Mapping[str, Any] | None = None, /, **members: Json) -> Call[Plan]:
        """What such a job would be: the resolved specification, layers, memory. Makes nothing."""
        body = _specification(spec, members)
        parameters = {"validate_only": True}
        request = http.post(path("jobs"), body, parameters=parameters, idempotent=True)
        return Call(request, Plan.read)

    @staticmethod
    def list(
        *,
        status: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Call[Page[JobRecord]]:
        """Jobs, newest first; give a page's ``next_cursor`` as ``cursor`` to get the next page."""
        request = http.get(path("jobs"), status=status, tag=tag, limit=limit, cursor=cursor)
        return Call(request, Page[JobRecord].read)

    @staticmethod
    def all(*, status: str | None = None, tag: str | None = None) -> Paging[JobRecord]:
        """All jobs, newest first, page after page as they are asked for."""
        return Paging(partial(JobCalls.list, status=status, tag=tag, limit=MOST))

    @staticmethod
    def get(job: str | JobRecord) -> Call[JobRecord]:
        """The job as it is now."""
        return Call(http.get(path("jobs", identifier(job))), JobRecord.read)

    @staticmethod
    def cancel(job: str | JobRecord) -> Call[JobRecord]:
        """Ask the job to stop for good; its best model so far stays."""
        return _action(job, "cancel")

    @staticmethod
    def pause(job: str | JobRecord) -> Call[JobRecord]:
        """Ask the job to keep its state and free its place."""
        return _action(job, "pause")

    @staticmethod
    def resume(job: str | JobRecord) -> Call[JobRecord]:
        """Queue a paused job again; it goes on from its state."""
        return _action(job, "resume")

    @staticmethod
    def advance(
        job: str | JobRecord,
        *,
        epochs: int | None = None,
        steps: int | None = None,
        idempotency_key: str | None = None,
    ) -> Call[JobRecord]:
        """Let a paused job go on for so many epochs, or mini-batches, and pause again."""
        body = {name: n for name, n in (("epochs", epochs), ("steps", steps)) if n is not None}
        where = path("jobs", identifier(job), "advance")
        return Call(http.post(where, body, idempotency_key=idempotency_key), JobRecord.read)

    @staticmethod
    def change(job: str | JobRecord, **members: Json) -> Call[JobRecord]:
        """Change ``name``, ``tags`` or ``metadata``; what is not given stays as it is."""
        headers = {"Content-Type": "application/json"}
        where = path("jobs", identifier(job))
        body = http.dump(members)
        return Call(
            Request("PATCH", where, headers=headers, body=body, idempotent=True), JobRecord.read
        )

    @staticmethod
    def delete(job: str | JobRecord) -> Call[None]:
        """Remove an ended job with its epochs, checkpoints and model."""
        return Call(Request("DELETE", path("jobs", identifier(job))), nothing)

    @staticmethod
    def range_test(job: str | JobRecord) -> Call[RangeTestResult]:
        """The loss at every rate of a learning-rate range test, and what it suggests."""
        return Call(http.get(path("jobs", identifier(job), "range_test")), RangeTestResult.read)

    @staticmethod
    def checkpoints(
        job: str | JobRecord, *, limit: int | None = None, cursor: str | None = None
    ) -> Call[Page[Checkpoint]]:
        """The checkpoints of a job, newest first."""
        where = path("jobs", identifier(job), "checkpoints")
        return Call(http.get(where, limit=limit, cursor=cursor), Page[Checkpoint].read)

    @staticmethod
    def all_checkpoints(job: str | JobRecord) -> Paging[Checkpoint]:
        """All checkpoints of a job, newest first, page after page as they are asked for."""
        return Paging(partial(JobCalls.checkpoints, job, limit=MOST))

    @staticmethod
    def model(job: str | JobRecord) -> Steps[ModelRecord]:
        """The model that the job makes: the best so far. Raises NoModel if there is none yet."""
        now: JobRecord = yield Call(http.get(path("jobs", identifier(job))), JobRecord.read)
        if now.model_id is None:
            raise NoModel(now)
        model: ModelRecord
        model = yield Call(http.get(path("models", now.model_id)), ModelRecord.read)
        return model

    @staticmethod
    def wait(
        job: str | JobRecord,
        *,
        paused: bool = False,
        timeout: float | None = None,
        check: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> Steps[JobRecord]:
        """Wait until the job has ended (by long polling) and give its last state.

        With ``paused`` wait until it has been paused, if it does not end before.

        Raises JobFailed if it failed, unless ``check`` is false, and WaitTimedOut if it has not
        ended after ``timeout`` seconds; it then goes on.
        """
        started = clock()
        now: JobRecord
        now, tag = yield _state(job)
        while not (now.ended or (paused and now.status == "paused")):
            waited = clock() - started
            left = PATIENCE if timeout is None else min(PATIENCE, timeout - waited)
            if left <= 0:
                raise WaitTimedOut(now, timeout or 0.0)
            yield Pause(min(left, MAX_PAUSE, LATENESS * waited))
            now, tag = (yield _next_state(job, tag, left)) or (now, tag)
        if check and now.status == "failed":
            raise JobFailed(now)
        return now

    @staticmethod
    def events(job: str | JobRecord, *, after: int = 0) -> Following[Event]:
        """Everything that happens to a job, from the event ``after`` on, as it happens.

        Goes on by itself after a lost connection and misses nothing; ends after an EndEvent.
        """
        return Following(identifier(job), read_event, last=after)


def _specification(spec: Mapping[str, Any] | None, members: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a job: a specification, and single members that replace its own."""
    body = dict(spec or {}) | dict(members)
    dataset = body.get("dataset")
    if dataset is not None and not isinstance(dataset, Mapping):
        body["dataset"] = identifier(dataset)
    initial = body.get("initial")
    if initial is not None and not isinstance(initial, Mapping):
        body["initial"] = {"model": identifier(initial)}
    return body


def _action(job: str | JobRecord, word: str) -> Call[JobRecord]:
    return Call(http.post(path("jobs", identifier(job), word), idempotent=True), JobRecord.read)


def _state(job: str | JobRecord) -> Call[tuple[JobRecord, str]]:
    """The job with the tag (ETag) of what is now known of it."""
    return Call(http.get(path("jobs", identifier(job))), _read_state)


def _next_state(
    job: str | JobRecord, tag: str, seconds: float
) -> Call[tuple[JobRecord, str] | None]:
    """The job once it is not as ``tag`` says any more; ``None`` if that takes longer."""
    headers = {"Prefer": f"wait={max(1, round(seconds))}"}
    if tag:
        headers["If-None-Match"] = tag
    request = Request("GET", path("jobs", identifier(job)), headers=headers, holds=seconds)
    return Call(request, lambda reply: None if reply.status == NOT_MODIFIED else _read_state(reply))


def _read_state(reply: Response) -> tuple[JobRecord, str]:
    return JobRecord.read(reply), reply.headers.get("etag", "").removeprefix("W/")
