"""An asynchronous client that is used like the synchronous one, so that tests are written once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from inspect import isawaitable
from typing import Any, cast

from trainyard import AsyncClient, Client, Page
from trainyard.methods import Resource


class Waiting:
    """Something asynchronous: what it would have awaited is waited for."""

    def __init__(self, thing: object, runner: asyncio.Runner) -> None:
        self.thing, self.runner = thing, runner

    def __getattr__(self, name: str) -> Any:
        return self._plain(getattr(self.thing, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._plain(cast(Callable[..., Any], self.thing)(*args, **kwargs))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Waiting) and self.thing == other.thing

    def __hash__(self) -> int:
        return hash(self.thing)

    def _plain(self, value: Any) -> Any:
        if isawaitable(value):
            return self._plain(self._wait(value))
        if isinstance(value, AsyncGenerator):
            return self._items(value)
        if isinstance(value, Page):
            return value.model_copy(update={"data": [self._plain(item) for item in value]})
        is_asynchronous = isinstance(value, Resource) or type(value).__name__.startswith("Async")
        return Waiting(value, self.runner) if is_asynchronous or callable(value) else value

    def _items(self, items: AsyncGenerator[Any]) -> Iterator[Any]:
        try:
            while True:
                yield self._plain(self._wait(anext(items)))
        except StopAsyncIteration:
            return
        finally:
            self._wait(items.aclose())

    def _wait(self, work: Any) -> Any:
        async def wait() -> Any:
            return await work

        return self.runner.run(wait())


@contextmanager
def waiting_client(*args: Any, **options: Any) -> Iterator[Client]:
    """An AsyncClient, as if it were the other."""
    with asyncio.Runner() as runner:
        client = AsyncClient(*args, **options)
        try:
            yield cast(Client, Waiting(client, runner))
        finally:
            runner.run(client.close())


@contextmanager
def client_of(kind: str, *args: Any, **options: Any) -> Iterator[Client]:
    """One of the two clients, to be used in the same way."""
    if kind == "AsyncClient":
        with waiting_client(*args, **options) as client:
            yield client
    else:
        with Client(*args, **options) as client:
            yield client
