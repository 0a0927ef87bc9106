"""Small queries that many requests begin with, asked together in one thread."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from service.database.keyed_query import KeyedQuery
from service.database.sessions import Database

__all__ = ["BatchedLookup"]

T = TypeVar("T")


class BatchedLookup(Generic[T]):
    """Tells the present state of things by their keys, to the coroutines of one event loop.

    The embedded database is looked at from the event loop itself: that takes less than handing the
    question to a thread would. Where a look would have to wait, for a network or for somebody who
    writes, it is made in a thread of its own, which long requests cannot keep busy. Those who ask
    while that thread is at work share its next look: what they are told was true after they asked.
    """

    def __init__(self, database: Database, question: KeyedQuery[T]) -> None:
        self._question = question
        self._non_blocking = database.non_blocking()
        self._autocommit = database.lookout()
        self._patient = ThreadPoolExecutor(1, thread_name_prefix="trainyard-looks")
        self._asked: dict[str, asyncio.Future[T | None]] = {}
        self._looking: asyncio.Task[None] | None = None

    async def at(self, key: str) -> T | None:
        """The state of one thing; None if there is no such thing. Raises SQLAlchemyError."""
        if self._non_blocking is not None:
            try:
                return self._question.at(self._non_blocking, key)
            except sqlite3.OperationalError:
                pass  # somebody writes: to wait for that must not hold up everybody
        return await self._shared(key)

    def close(self) -> None:
        """Give the connections back. Nobody may ask any more."""
        self._patient.shutdown()
        self._autocommit.close()
        if self._non_blocking is not None:
            self._non_blocking.close()

    async def _shared(self, key: str) -> T | None:
        answer = self._asked.get(key)
        if answer is None:
            answer = asyncio.get_running_loop().create_future()
            self._asked[key] = answer
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        # One who leaves must not take the answer away from the others.
        return await asyncio.shield(answer)

    async def _look(self) -> None:
        """Answer, as long as somebody has asked."""
        loop = asyncio.get_running_loop()
        try:
            while self._asked:
                asked, self._asked = self._asked, {}
                found = await loop.run_in_executor(self._patient, self._found, list(asked))
                for key, answer in asked.items():
                    _settle(answer, key, found)
        finally:
            self._looking = None

    def _found(self, keys: list[str]) -> Mapping[str, T] | Exception:
        try:
            return self._autocommit.look(lambda connection: self._question.among(connection, keys))
        except Exception as error:  # noqa: BLE001 - it is raised where it was asked
            return error


def _settle(answer: asyncio.Future[T | None], key: str, found: Mapping[str, T] | Exception) -> None:
    if isinstance(found, Exception):
        answer.set_exception(found)
        answer.exception()  # retrieved, even if nobody waits for it any more
    else:
        answer.set_result(found.get(key))
