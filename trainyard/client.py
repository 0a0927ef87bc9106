"""The synchronous client: it sends, and its caller waits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from trainyard.connection import (
    BROKEN_OFF,
    Address,
    answer_seconds,
    as_lost,
    as_reply,
    as_sent,
    service_url,
)
from trainyard.methods import Sender, Source
from trainyard.objects import OBJECTS, connected
from trainyard.protocol.exchange import exchange, now
from trainyard.protocol.following import Following
from trainyard.protocol.paging import Paging
from trainyard.protocol.request import Call, Outcome, Pause, Request, Steps
from trainyard.protocol.retry import RetryPolicy
from trainyard.resources import Root

__all__ = ["Client", "service_url"]

T = TypeVar("T")


class Client(Root[Sender]):
    """A connection to a Trainyard.

    ``base_url`` and ``api_key`` come from ``TRAINYARD_URL`` (else ``http://127.0.0.1:8000``) and
    ``TRAINYARD_API_KEY`` where they are not given. ``timeout`` is for one answer, in seconds.
    ``transport`` and ``sleep`` are there for tests. Safe to share between threads; use it in a
    ``with`` block or call :meth:`close`. Raises what ``trainyard.errors`` draws.

    >>> with Client() as client:  # doctest: +SKIP
    ...     job = client.jobs.create(dataset={"kind": "two_moons"}, training={"epochs": 50})
    ...     for event in job.events():
    ...         print(event)
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: RetryPolicy | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(self)
        address = Address.of(base_url, api_key)
        self.base_url, self.timeout = address.url, answer_seconds(timeout)
        self.retries = retries or RetryPolicy()
        self._sleep = sleep
        self._http = httpx.Client(transport=transport, **address.options)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __deepcopy__(self, memory: dict[int, Any]) -> Self:
        """Itself: a copy of what holds a client, such as an estimator, goes on by it."""
        return self

    def send(self, work: Call[T] | Steps[T]) -> T:
        """Send a call, or take the steps that a generator yields, and give the result."""
        steps = exchange(work, self.retries)
        try:
            step = next(steps)
            while True:
                step = steps.send(self._take(step))
        except StopIteration as end:
            result: T = connected(end.value, self, OBJECTS)
            return result

    def iterate(self, source: Source[T]) -> Iterator[T]:
        """The items of a source, across as many connections as it takes."""
        return self._follow(source) if isinstance(source, Following) else self._walk(source)

    def _walk(self, paging: Paging[T]) -> Iterator[T]:
        while not paging.finished:
            yield from paging.receive(self.send(paging.call()))

    def _follow(self, following: Following[T]) -> Iterator[T]:
        while not following.finished:
            outcome: Outcome = BROKEN_OFF
            try:
                with self._open(following.request()) as response:
                    if response.status_code == httpx.codes.OK:
                        for chunk in response.iter_bytes():
                            yield from following.receive(chunk)
                    else:
                        response.read()
                        outcome = as_reply(response)
            except httpx.TransportError as error:
                outcome = as_lost(error)
            if not following.finished:
                self._sleep(following.pause(outcome, random.random(), now()))

    def _take(self, step: Request | Pause) -> Outcome | None:
        if isinstance(step, Pause):
            self._sleep(step.seconds)
            return None
        try:
            with self._open(step) as response:
                response.read()
                return as_reply(response)
        except httpx.TransportError as error:
            return as_lost(error)

    def _open(self, request: Request) -> AbstractContextManager[httpx.Response]:
        return self._http.stream(**as_sent(request, self.timeout))
