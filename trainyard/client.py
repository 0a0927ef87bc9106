"""The synchronous client: the one place of this package that opens sockets and waits."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from io import BytesIO
from ipaddress import ip_address
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import httpx

from trainyard.protocol.answers import answer
from trainyard.protocol.following import Following
from trainyard.protocol.request import Call, Lost, Outcome, Pause, Reply, Request, Steps, Upload
from trainyard.protocol.retry import RetryPolicy
from trainyard.resources.catalog import catalog
from trainyard.resources.datasets import Datasets
from trainyard.resources.descents import Descents
from trainyard.resources.jobs import Jobs
from trainyard.resources.models import Models
from trainyard.resources.predictions import Predictions
from trainyard.results import Catalog, Readiness

__all__ = ["Client"]

T = TypeVar("T")

DEFAULT_URL = "http://127.0.0.1:8000"
CONNECT_SECONDS = 5.0

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Client:
    """A connection to a Trainyard.

    ``base_url`` and ``api_key`` come from ``TRAINYARD_URL`` (else ``http://127.0.0.1:8000``) and
    ``TRAINYARD_API_KEY`` where they are not given. ``timeout`` is for one answer, in seconds.
    ``transport`` and ``sleep`` are there for tests. Safe to share between threads; use it in a
    ``with`` block or call :meth:`close`. Raises what ``trainyard.errors`` draws.

    >>> with Client() as client:  # doctest: +SKIP
    ...     job = client.jobs.create(dataset={"kind": "two_moons"}, training={"epochs": 50})
    ...     for event in client.jobs.events(job):
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
        self.base_url = service_url(base_url or os.environ.get("TRAINYARD_URL") or DEFAULT_URL)
        self.timeout = timeout
        self.retries = retries or RetryPolicy()
        self._sleep = sleep
        self._http = httpx.Client(
            base_url=self.base_url,
            headers=_standing_headers(api_key or os.environ.get("TRAINYARD_API_KEY")),
            transport=transport,
            trust_env=not _is_loopback(self.base_url),  # no proxy reaches this machine's own ports
        )
        self.datasets = Datasets(self)
        self.jobs = Jobs(self)
        self.models = Models(self)
        self.predictions = Predictions(self)
        self.descents = Descents(self)

    def catalog(self) -> Catalog:
        """Every layer, optimizer, loss and so on there is, with bounds, defaults and equations."""
        return self.send(catalog())

    def ready(self) -> Readiness:
        """Whether the service can do its work; raises Unavailable if it cannot."""
        return self.send(Call(Request("GET", "/readyz"), Readiness.read))

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

    def send(self, work: Call[T] | Steps[T]) -> T:
        """Send a call, or take the steps that a generator yields, and give the result."""
        if isinstance(work, Call):
            return answer(work, self._exchange(work.request), _now())
        try:
            step = next(work)
            while True:
                step = work.send(self._take(step))
        except StopIteration as end:
            result: T = end.value
            return result

    def _take(self, step: Call[T] | Pause) -> T | None:
        if isinstance(step, Call):
            return self.send(step)
        self._sleep(step.seconds)
        return None

    def follow(self, following: Following[T]) -> Iterator[T]:
        """The events of a subscription, across as many connections as it takes."""
        while not following.finished:
            outcome: Outcome = Lost("the stream of events broke off before the job had ended")
            try:
                with self._open(following.request()) as response:
                    if response.status_code == httpx.codes.OK:
                        for chunk in response.iter_bytes():
                            yield from following.receive(chunk)
                    else:
                        outcome = _reply(response)
            except httpx.TransportError as error:
                outcome = _lost(error)
            if not following.finished:
                self._sleep(following.pause(outcome, random.random(), _now()))

    def _exchange(self, request: Request) -> Outcome:
        """Send a request, again where the policy says so; the outcome of the last attempt."""
        attempt = 1
        while True:
            outcome = self._once(request)
            pause = self.retries.pause(request, outcome, attempt, random.random(), _now())
            if pause is None:
                return outcome
            self._sleep(pause)
            attempt += 1

    def _once(self, request: Request) -> Outcome:
        try:
            with self._open(request) as response:
                return _reply(response)
        except httpx.TransportError as error:
            return _lost(error)

    def _open(self, request: Request) -> AbstractContextManager[httpx.Response]:
        return self._http.stream(
            request.method,
            request.path,
            params=dict(request.query),
            headers=dict(request.headers),
            content=request.body,
            data=dict(request.fields),
            files={"file": _in_chunks(request.file)} if request.file else None,
            timeout=httpx.Timeout(
                self.timeout,
                connect=min(self.timeout, CONNECT_SECONDS),
                read=self.timeout + request.holds,
            ),
        )


def _in_chunks(file: Upload) -> tuple[str, BytesIO, str]:
    """As httpx sends it part by part: of bytes, it would copy the rest for every part it sends."""
    return file.name, BytesIO(file.content), file.media_type


def service_url(url: str) -> str:
    """The address as it is. Raises ValueError when it cannot be that of a service."""
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ValueError(f"the address of the service should read like {DEFAULT_URL}, not {url!r}")
    return url


def _standing_headers(api_key: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": "trainyard-python"}
    return headers | ({"Authorization": f"Bearer {api_key}"} if api_key else {})


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reply(response: httpx.Response) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, response.read())


def _lost(error: httpx.TransportError) -> Lost:
    timed_out = isinstance(error, httpx.TimeoutException)
    reason = f"{'no answer in time' if timed_out else 'no connection'}: {_address(error)}{error}"
    return Lost(reason.rstrip(": "), timed_out, sent=not isinstance(error, _NEVER_SENT))


def _address(error: httpx.TransportError) -> str:
    """Where it was sent to, without what may be in a query."""
    try:
        url = error.request.url
    except RuntimeError:
        return ""
    return f"{error.request.method} {url.scheme}://{url.netloc.decode()}{url.path}: "


def _now() -> datetime:
    return datetime.now(UTC)
