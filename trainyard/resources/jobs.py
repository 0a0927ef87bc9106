"""Jobs: create, watch, steer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from trainyard.errors import JobFailed, WaitTimedOut
from trainyard.events import Event, read_event
from trainyard.insights import Folds, OutOfFold, RangeTestResult
from trainyard.protocol import request as http
from trainyard.protocol.answers import NOT_MODIFIED, nothing
from trainyard.protocol.following import Following
from trainyard.protocol.request import Call, Json, Pause, Reply, Request, Steps, path
from trainyard.resources.base import Resource, identifier, operation
from trainyard.results import Checkpoint, Epoch, Job, Page, Plan

PATIENCE = 20.0
"""Seconds that the service is asked to hold an answer until something changes."""

LATENESS = 0.05
LONGEST_PAUSE = 1.0
"""A running job changes many times a second. Asking again only after a twentieth of the time waited
so far, or a second, costs little: the end is seen at most so much too late."""


class Jobs(Resource):
    """``client.jobs``. A job is given as its id or as a :class:`Job`."""

    @operation
    @staticmethod
    def create(
        spec: Mapping[str, Any] | None = None,
        /,
        *,
        idempotency_key: str | None = None,
        **members: Json,
    ) -> Call[Job]:
        """Queue a job, given as a mapping, as keyword arguments, or both (the latter win).

        >>> job = client.jobs.create(dataset=data, training={"epochs": 50})  # doctest: +SKIP
        """
        body = _specification(spec, members)
        return Call(http.post(path("jobs"), body, idempotency_key=idempotency_key), Job.read)

    @operation
    @staticmethod
    def plan(spec: Mapping[str, Any] | None = None, /, **members: Json) -> Call[Plan]:
        """What such a job would be: the resolved specification, layers, memory. Makes nothing."""
        body = _specification(spec, members)
        parameters = {"validate_only": True}
        request = http.post(path("jobs"), body, parameters=parameters, harmless=True)
        return Call(request, Plan.read)

    @operation
    @staticmethod
    def list(
        *,
        status: str | None = None,
        tag: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Call[Page[Job]]:
        """Jobs, newest first; give a page's ``next_cursor`` as ``cursor`` to get the next page."""
        request = http.get(path("jobs"), status=status, tag=tag, limit=limit, cursor=cursor)
        return Call(request, Page[Job].read)

    @operation
    @staticmethod
    def get(job: str | Job) -> Call[Job]:
        """The job as it is now."""
        return Call(http.get(path("jobs", identifier(job))), Job.read)

    @operation
    @staticmethod
    def cancel(job: str | Job) -> Call[Job]:
        """Ask the job to stop for good; its best model so far stays."""
        return _action(job, "cancel")

    @operation
    @staticmethod
    def pause(job: str | Job) -> Call[Job]:
        """Ask the job to keep its state and free its place."""
        return _action(job, "pause")

    @operation
    @staticmethod
    def resume(job: str | Job) -> Call[Job]:
        """Queue a paused job again; it goes on from its state."""
        return _action(job, "resume")

    @operation
    @staticmethod
    def advance(
        job: str | Job,
        *,
        epochs: int | None = None,
        steps: int | None = None,
        idempotency_key: str | None = None,
    ) -> Call[Job]:
        """Let a paused job go on for so many epochs, or mini-batches, and pause again."""
        body = {name: n for name, n in (("epochs", epochs), ("steps", steps)) if n is not None}
        where = path("jobs", identifier(job), "advance")
        return Call(http.post(where, body, idempotency_key=idempotency_key), Job.read)

    @operation
    @staticmethod
    def change(job: str | Job, **members: Json) -> Call[Job]:
        """Change ``name``, ``tags`` or ``metadata``; what is not given stays as it is."""
        headers = {"Content-Type": "application/json"}
        where = path("jobs", identifier(job))
        body = http.dump(members)
        return Call(Request("PATCH", where, headers=headers, body=body, harmless=True), Job.read)

    @operation
    @staticmethod
    def delete(job: str | Job) -> Call[None]:
        """Remove an ended job with its epochs, checkpoints and model."""
        return Call(Request("DELETE", path("jobs", identifier(job))), nothing)

    @operation
    @staticmethod
    def epochs(
        job: str | Job,
        *,
        after: int | str | None = None,
        limit: int | None = None,
        max_points: int | None = None,
        fold: int | None = None,
        diagnosed: bool | None = None,
    ) -> Call[Page[Epoch]]:
        """Epochs after a ``seq``; ``max_points`` thins them out but keeps shape, first and last.

        Those of all folds of a cross-validation, or of one (0: of the last training, on all rows);
        with ``diagnosed`` only those that have diagnostics.
        """
        where = path("jobs", identifier(job), "epochs")
        request = http.get(
            where, after=after, limit=limit, max_points=max_points, fold=fold, diagnosed=diagnosed
        )
        return Call(request, Page[Epoch].read)

    @operation
    @staticmethod
    def folds(job: str | Job) -> Call[Folds]:
        """The folds of a cross-validation that have ended, and the spread of their metrics."""
        return Call(http.get(path("jobs", identifier(job), "folds")), Folds.read)

    @operation
    @staticmethod
    def out_of_fold(
        job: str | Job, *, offset: int | None = None, limit: int | None = None
    ) -> Call[OutOfFold]:
        """What each fold's best network says of the rows that it was not trained on."""
        where = path("jobs", identifier(job), "out_of_fold")
        return Call(http.get(where, offset=offset, limit=limit), OutOfFold.read)

    @operation
    @staticmethod
    def range_test(job: str | Job) -> Call[RangeTestResult]:
        """The loss at every rate of a learning-rate range test, and what it suggests."""
        return Call(http.get(path("jobs", identifier(job), "range_test")), RangeTestResult.read)

    @operation
    @staticmethod
    def checkpoints(
        job: str | Job, *, limit: int | None = None, cursor: str | None = None
    ) -> Call[Page[Checkpoint]]:
        """The checkpoints of a job, newest first."""
        where = path("jobs", identifier(job), "checkpoints")
        return Call(http.get(where, limit=limit, cursor=cursor), Page[Checkpoint].read)

    @operation
    @staticmethod
    def wait(
        job: str | Job,
        *,
        paused: bool = False,
        timeout: float | None = None,
        check: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> Steps[Job]:
        """Wait until the job has ended (by long polling) and give its last state.

        With ``paused`` wait until it has been paused, if it does not end before.

        Raises JobFailed if it failed, unless ``check`` is false, and WaitTimedOut if it has not
        ended after ``timeout`` seconds; it then goes on.
        """
        started = clock()
        now: Job
        now, tag = yield _state(job)
        while not (now.ended or (paused and now.status == "paused")):
            waited = clock() - started
            left = PATIENCE if timeout is None else min(PATIENCE, timeout - waited)
            if left <= 0:
                raise WaitTimedOut(now, timeout or 0.0)
            yield Pause(min(left, LONGEST_PAUSE, LATENESS * waited))
            now, tag = (yield _next_state(job, tag, left)) or (now, tag)
        if check and now.status == "failed":
            raise JobFailed(now)
        return now

    def events(self, job: str | Job, *, after: int = 0) -> Iterator[Event]:
        """Everything that happens to a job, from the event ``after`` on, as it happens.

        Goes on by itself after a lost connection and misses nothing; ends after an EndEvent.
        """
        return self.sender.follow(Following(identifier(job), read_event, last=after))


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


def _action(job: str | Job, word: str) -> Call[Job]:
    return Call(http.post(path("jobs", identifier(job), word), harmless=True), Job.read)


def _state(job: str | Job) -> Call[tuple[Job, str]]:
    """The job with the tag (ETag) of what is now known of it."""
    return Call(http.get(path("jobs", identifier(job))), _read_state)


def _next_state(job: str | Job, tag: str, seconds: float) -> Call[tuple[Job, str] | None]:
    """The job once it is not as ``tag`` says any more; ``None`` if that takes longer."""
    headers = {"Prefer": f"wait={max(1, round(seconds))}"}
    if tag:
        headers["If-None-Match"] = tag
    request = Request("GET", path("jobs", identifier(job)), headers=headers, holds=seconds)
    return Call(request, lambda reply: None if reply.status == NOT_MODIFIED else _read_state(reply))


def _read_state(reply: Reply) -> tuple[Job, str]:
    return Job.read(reply), reply.headers.get("etag", "").removeprefix("W/")
