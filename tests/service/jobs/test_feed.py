"""One poller for everybody who waits."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from service.database.errors import RowNotFound
from service.database.sessions import Database
from service.epochs import repository as epochs
from service.jobs import repository as jobs
from service.jobs.feed import Feed
from service.jobs.repository import JobVersion
from tests.service.stored import PROGRESS, add_job, claim, epoch

pytestmark = pytest.mark.anyio

LONG = 60.0


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def feed(database: Database) -> Iterator[Feed]:
    opened = Feed(database, tick_seconds=0.005)
    yield opened
    opened.close()


def version(database: Database, job_id: str) -> JobVersion:
    with database.read() as session:
        return jobs.VERSION.among(session, [job_id])[job_id]


def add(database: Database) -> JobVersion:
    with database.write() as session:
        job_id = add_job(session).id
    return version(database, job_id)


def train(database: Database) -> None:
    with database.write() as session:
        epochs.append(session, claim(session), [epoch(1)], PROGRESS)


async def test_waiting_ends_when_the_job_changes(database: Database, feed: Feed) -> None:
    known = add(database)
    waiting = asyncio.create_task(feed.wait(known, LONG))
    await asyncio.to_thread(train, database)
    found = await waiting
    assert found is not None
    assert found.revision > known.revision


async def test_a_change_that_was_missed_is_told_at_once(database: Database, feed: Feed) -> None:
    known = add(database)
    train(database)
    assert await feed.wait(known, LONG) == version(database, known.job_id)


async def test_the_time_may_be_up(database: Database, feed: Feed) -> None:
    assert await feed.wait(add(database), 0.02) is None


async def test_a_job_that_was_deleted(database: Database, feed: Feed) -> None:
    known = add(database)
    with database.write() as session:
        jobs.remove(session, known.job_id)
    with pytest.raises(RowNotFound):
        await feed.wait(known, LONG)


async def test_many_wait_for_the_price_of_one(database: Database, feed: Feed) -> None:
    """However many requests wait, for however many jobs, a tick is one query."""
    known = [add(database) for _ in range(5)]
    queries: list[str] = []
    enough = asyncio.Event()
    loop = asyncio.get_running_loop()

    def count(*parts: object) -> None:
        if "SELECT" in str(parts[2]):
            queries.append(str(parts[2]))
        if len(queries) == 3:
            loop.call_soon_threadsafe(enough.set)

    waiting = [asyncio.create_task(feed.wait(one, LONG)) for one in known * 40]
    await asyncio.sleep(0)
    event.listen(database.engine, "before_cursor_execute", count)
    await enough.wait()
    await asyncio.to_thread(feed.close)
    assert await asyncio.gather(*waiting) == [None] * 200
    assert len(queries) < 40
    assert all("jobs.revision" in query for query in queries)


async def test_closing_lets_everybody_go(database: Database, feed: Feed) -> None:
    waiting = asyncio.create_task(feed.wait(add(database), LONG))
    await asyncio.sleep(0.01)
    await asyncio.to_thread(feed.close)
    assert await waiting is None
    assert feed.closed
    assert await feed.wait(add(database), LONG) is None
