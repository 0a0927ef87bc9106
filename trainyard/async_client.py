"""The asynchronous client: it sends, and others go on meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self, TypeVar

import httpx

from trainyard.connection import BROKEN_OFF, Address, answer_seconds, as_lost, as_reply, as_sent
from trainyard.methods import AsyncSender, Source
from trainyard.objects import ASYNC_OBJECTS, bring_curves, connected
from trainyard.protocol.exchange import exchange, now
from trainyard.protocol.following import Following
from trainyard.protocol.paging import Paging
from trainyard.protocol.request import Call, Outcome, Pause, Request, Steps
from trainyard.protocol.retry import RetryPolicy
from trainyard.resources import Root

__all__ = ["AsyncClient"]

T = TypeVar("T")


class AsyncClient(Root[AsyncSender]):
    """A connection to a Trainyard, as :class:`trainyard.Client` is, for ``async`` code.

    What a method of the other gives is awaited here, and what the other iterates over is iterated
    over by ``async for``. Files are read before anything is sent, and written after everything has
    come, by the thread that calls.

    >>> async with AsyncClient() as client:  # doctest: +SKIP
    ...     job = await client.jobs.create(dataset={"kind": "two_moons"}, training={"epochs": 50})
    ...     async for event in job.events():
    ...         print(event)
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: RetryPolicy | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(self)
        address = Address.of(base_url, api_key)
        self.base_url, self.timeout = address.url, answer_seconds(timeout)
        self.retries = retries or RetryPolicy()
        self._sleep = sleep
        self._http = httpx.AsyncClient(transport=transport, **address.options)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def send(self, work: Call[T] | Steps[T]) -> T:
        """Send a call, or take the steps that a generator yields, and give the result."""
        steps = exchange(work, self.retries)
        try:
            step = next(steps)
            while True:
                step = steps.send(await self._take(step))
        except StopIteration as end:
            result: T = connected(end.value, self, ASYNC_OBJECTS)
            await bring_curves(result)
            return result

    def iterate(self, source: Source[T]) -> AsyncIterator[T]:
        """The items of a source, across as many connections as it takes."""
        return self._follow(source) if isinstance(source, Following) else self._walk(source)

    async def _walk(self, paging: Paging[T]) -> AsyncIterator[T]:
        while not paging.finished:
            for item in paging.receive(await self.send(paging.call())):
                yield item

    async def _follow(self, following: Following[T]) -> AsyncIterator[T]:
        while not following.finished:
            outcome: Outcome = BROKEN_OFF
            try:
                async with self._open(following.request()) as response:
                    if response.status_code == httpx.codes.OK:
                        async for chunk in response.aiter_bytes():
                            for event in following.receive(chunk):
                                yield event
                    else:
                        await response.aread()
                        outcome = as_reply(response)
            except httpx.TransportError as error:
                outcome = as_lost(error)
            if not following.finished:
                await self._sleep(following.pause(outcome, random.random(), now()))

    async def _take(self, step: Request | Pause) -> Outcome | None:
        if isinstance(step, Pause):
            await self._sleep(step.seconds)
            return None
        try:
            async with self._open(step) as response:
                await response.aread()
                return as_reply(response)
        except httpx.TransportError as error:
            return as_lost(error)

    def _open(self, request: Request) -> AbstractAsyncContextManager[httpx.Response]:
        return self._http.stream(**as_sent(request, self.timeout))
