"""Events of jobs as Server-Sent Events, read once for everybody who watches the same job."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from service.database.errors import RowNotFound
from service.database.sessions import Database
from service.events import repository as events
from service.events.serializers import serialize_end, serialize_event
from service.jobs import repository as jobs
from service.jobs.feed import Feed
from service.jobs.repository import JobVersion

__all__ = ["Streams"]

HEARTBEAT_SECONDS = 15.0
"""Silence that proxies and clients are not left in for longer."""
EVENTS_AT_A_TIME = 500
RECONNECT = b"retry: 1000\n\n"
HEARTBEAT = b": nothing new\n\n"
ALL_ENDED = b"event: end\ndata: {}\n\n"


@dataclass(frozen=True)
class _Event:
    """One event of a job; its data is written as JSON already."""

    seq: int
    name: str
    data: bytes

    def encode(self, identifier: str) -> bytes:
        return f"id: {identifier}\nevent: {self.name}\ndata: ".encode() + self.data + b"\n\n"


@dataclass(frozen=True)
class _News:
    """What came after some event, and how the job stood before it was read."""

    version: JobVersion
    events: tuple[_Event, ...]
    last: int
    ended: bool

    @cached_property
    def content(self) -> bytes:
        """As bytes to send, for everybody who follows this one job."""
        return b"".join(event.encode(str(event.seq)) for event in self.events)


class Streams:
    """Streams of events; those that wait for the same news share one look at the database."""

    def __init__(self, database: Database, feed: Feed) -> None:
        self._database = database
        self._feed = feed
        self._looks: dict[tuple[str, int, JobVersion | None], asyncio.Task[_News]] = {}

    async def follow(self, job_id: str, after: int) -> AsyncIterator[bytes]:
        """Everything after event ``after``, as it happens, until the job or the service ends."""
        yield RECONNECT
        async for news in self._news(job_id, after):
            if news is None:
                yield HEARTBEAT
            elif news.content:
                yield news.content

    async def follow_all(
        self, known: Mapping[str, int], versions: Iterable[JobVersion]
    ) -> AsyncIterator[bytes]:
        """The same of several jobs on one stream, until all of them or the service ends.

        ``known`` has the number of the last event known of each job, ``versions`` how they
        stand: of one that stands at that number nothing is read. The id of an event is the list of
        these numbers, in this order: enough to go on from it.
        """
        yield RECONNECT
        numbers = dict(known)
        streams = {
            version.job_id: self._news(version.job_id, known[version.job_id], version)
            for version in versions
        }
        waiting = {_next(news): job_id for job_id, news in streams.items()}
        try:
            while waiting:
                done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    job_id = waiting.pop(task)
                    try:
                        news = task.result()
                    except StopAsyncIteration:
                        continue
                    # The next look is taken meanwhile, but only one: nothing piles up here.
                    waiting[_next(streams[job_id])] = job_id
                    yield HEARTBEAT if news is None else _of_job(job_id, news, numbers)
        finally:
            for task in waiting:
                task.cancel()
        if not self._feed.closed:
            yield ALL_ENDED

    async def _news(
        self, job_id: str, after: int, version: JobVersion | None = None
    ) -> AsyncIterator[_News | None]:
        """All news of a job after an event, and None at the end of every long silence.

        ``version`` is how the job stands, where that is known.
        """
        while True:
            try:
                if version is None or version.ended or after < version.seq:
                    news = await self._look(job_id, after, version)
                    version, after = news.version, news.last
                    yield news
                    if news.ended:
                        return
                    continue
                changed = await self._feed.wait(version, HEARTBEAT_SECONDS)
            except RowNotFound:  # deleted meanwhile
                return
            if changed is None and self._feed.closed:
                return
            if changed is None:
                yield None
            version = changed or version

    async def _look(self, job_id: str, after: int, version: JobVersion | None) -> _News:
        key = (job_id, after, version)
        look = self._looks.get(key)
        if look is None:
            look = asyncio.create_task(run_in_threadpool(self._read, job_id, after))
            self._looks[key] = look
            look.add_done_callback(lambda done: self._looked(key, done))
        # One who leaves must not take the answer away from the others.
        return await asyncio.shield(look)

    def _looked(self, key: tuple[str, int, JobVersion | None], look: asyncio.Task[_News]) -> None:
        del self._looks[key]
        if not look.cancelled():
            look.exception()  # retrieved, even if nobody waits for it any more

    def _read(self, job_id: str, after: int) -> _News:
        with self._database.read() as session:
            version = jobs.VERSION.among(session, [job_id]).get(job_id)
            if version is None:
                raise RowNotFound(f"there is no job {job_id}")
            rows = events.page(session, job_id, after=after, limit=EVENTS_AT_A_TIME)
            last = rows[-1].seq if rows else after
            happened = [_event(view.type, view, view.seq) for view in map(serialize_event, rows)]
            ended = version.ended and last >= version.seq
            if ended:
                end = serialize_end(jobs.get(session, job_id))
                happened.append(_event(end.type, end, end.seq))
        return _News(version, tuple(happened), last, ended)


def _next(news: AsyncIterator[_News | None]) -> asyncio.Task[_News | None]:
    async def read() -> _News | None:
        return await anext(news)

    return asyncio.create_task(read())


def _of_job(job_id: str, news: _News, numbers: dict[str, int]) -> bytes:
    """Events as they read where they are not the only job's; ``numbers`` are brought forward."""
    parts = []
    for event in news.events:
        numbers[job_id] = event.seq
        data = b'{"job_id":"%s","event":%s}' % (job_id.encode(), event.data)
        parts.append(
            _Event(event.seq, event.name, data).encode(",".join(map(str, numbers.values())))
        )
    return b"".join(parts)


def _event(name: str, data: BaseModel, seq: int) -> _Event:
    return _Event(seq, name, data.model_dump_json().encode())
