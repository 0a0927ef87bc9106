"""A job's events as Server-Sent Events, read once for everybody who watches the same job."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from service import views
from service.database import Database
from service.jobs.feed import Feed
from service.repositories import events, jobs
from service.repositories.errors import NotFound
from service.repositories.jobs import Mark

__all__ = ["Streams"]

HEARTBEAT_SECONDS = 15.0
"""Silence that proxies and clients are not left in for longer."""
EVENTS_AT_A_TIME = 500
RECONNECT = b"retry: 1000\n\n"
HEARTBEAT = b": nothing new\n\n"


@dataclass(frozen=True)
class _News:
    """What came after some event, as bytes to send, and how the job stood before it was read."""

    mark: Mark
    content: bytes
    last: int
    ended: bool


class Streams:
    """Streams of events; those that wait for the same news share one look at the database."""

    def __init__(self, database: Database, feed: Feed) -> None:
        self._database = database
        self._feed = feed
        self._looks: dict[tuple[str, int, Mark | None], asyncio.Task[_News]] = {}

    async def follow(self, job_id: str, after: int) -> AsyncIterator[bytes]:
        """Everything after event ``after``, as it happens, until the job or the service ends."""
        yield RECONNECT
        mark: Mark | None = None
        while True:
            try:
                news = await self._look(job_id, after, mark)
                mark, after = news.mark, news.last
                if news.content:
                    yield news.content
                if news.ended:
                    return
                if after >= mark.seq:
                    mark = await self._feed.wait(mark, HEARTBEAT_SECONDS)
            except NotFound:  # deleted meanwhile
                return
            if mark is None and self._feed.closed:
                return
            if mark is None:
                yield HEARTBEAT

    async def _look(self, job_id: str, after: int, mark: Mark | None) -> _News:
        key = (job_id, after, mark)
        look = self._looks.get(key)
        if look is None:
            look = asyncio.create_task(run_in_threadpool(self._read, job_id, after))
            self._looks[key] = look
            look.add_done_callback(lambda done: self._looked(key, done))
        # One who leaves must not take the answer away from the others.
        return await asyncio.shield(look)

    def _looked(self, key: tuple[str, int, Mark | None], look: asyncio.Task[_News]) -> None:
        del self._looks[key]
        if not look.cancelled():
            look.exception()  # retrieved, even if nobody waits for it any more

    def _read(self, job_id: str, after: int) -> _News:
        with self._database.read() as session:
            mark = jobs.MARK.among(session, [job_id]).get(job_id)
            if mark is None:
                raise NotFound(f"there is no job {job_id}")
            rows = events.page(session, job_id, after=after, limit=EVENTS_AT_A_TIME)
            last = rows[-1].seq if rows else after
            parts = [_encode(view.type, view, view.seq) for view in map(views.event, rows)]
            ended = mark.ended and last >= mark.seq
            if ended:
                end = views.end(jobs.get(session, job_id))
                parts.append(_encode(end.type, end, end.seq))
        return _News(mark, b"".join(parts), last, ended)


def _encode(name: str, data: BaseModel, seq: int) -> bytes:
    return f"id: {seq}\nevent: {name}\ndata: {data.model_dump_json()}\n\n".encode()
