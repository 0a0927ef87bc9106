"""Looks at how things stand: always at the present moment, never waiting in the event loop."""

import asyncio
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.orm import Session

from service.database.batched_lookup import BatchedLookup
from service.database.keyed_query import KeyedQuery
from service.database.sessions import Database, NonBlockingConnection
from service.database.tables import Job
from service.jobs import repository as jobs
from service.jobs.repository import JobVersion
from tests.service.stored import add_job

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def looks(database: Database) -> Iterator[BatchedLookup[JobVersion]]:
    opened = BatchedLookup(database, jobs.VERSION)
    yield opened
    opened.close()


def add(database: Database) -> str:
    with database.write() as session:
        return add_job(session).id


class InTheWay(KeyedQuery[JobVersion]):
    """A question that meets somebody who writes, when it is asked from the event loop."""

    def __init__(self, among: Callable[[Iterable[str]], None]) -> None:
        super().__init__(select(Job.id), JobVersion)
        self._asked = among

    def at(self, glance: NonBlockingConnection, key: str) -> JobVersion | None:
        raise sqlite3.OperationalError(f"the database is locked: no look at {key} by {glance}")

    def among(self, session: Session | Connection, keys: Iterable[str]) -> dict[str, JobVersion]:
        self._asked(keys)
        return jobs.VERSION.among(session, keys)


async def test_every_look_sees_what_was_written_before(
    database: Database, looks: BatchedLookup[JobVersion]
) -> None:
    job_id = add(database)
    before = await looks.at(job_id)
    assert before is not None
    for number in range(1, 4):
        with database.write() as session:
            jobs.change(session, job_id, name=f"name {number}")
        after = await looks.at(job_id)
        assert after is not None
        assert after.revision == before.revision + number
    with database.write() as session:
        jobs.remove(session, job_id)
    assert await looks.at(job_id) is None


async def test_a_look_leaves_nothing_behind_that_a_writer_would_wait_for(
    database: Database, looks: BatchedLookup[JobVersion]
) -> None:
    job_id = add(database)
    assert await looks.at(job_id) is not None
    impatient = Database(database.url, lock_timeout_seconds=0.0)
    with impatient.write() as session:
        jobs.change(session, job_id, name="at once")
    impatient.close()


async def test_those_who_ask_together_share_a_query_and_get_their_own_answer(
    database: Database,
) -> None:
    """While the thread is at work, questions gather."""
    known = [add(database) for _ in range(3)]
    started, go = threading.Event(), threading.Event()
    asked: list[set[str]] = []

    def among(keys: Iterable[str]) -> None:
        asked.append(set(keys))
        started.set()
        go.wait()

    looks = BatchedLookup(database, InTheWay(among))
    first = asyncio.create_task(looks.at(known[0]))
    await asyncio.to_thread(started.wait)
    others = [asyncio.create_task(looks.at(key)) for key in [*known, *known, "job_none"]]
    await asyncio.sleep(0)
    go.set()
    answers = await asyncio.gather(first, *others)
    assert asked == [{known[0]}, {*known, "job_none"}]
    found = [None if answer is None else answer.job_id for answer in answers]
    assert found == [known[0], *known, *known, None]
    await asyncio.to_thread(looks.close)


async def test_an_error_reaches_everybody_who_asked(database: Database) -> None:
    def broken(_keys: Iterable[str]) -> None:
        raise RuntimeError("broken")

    looks = BatchedLookup(database, InTheWay(broken))
    answers = await asyncio.gather(looks.at("a"), looks.at("b"), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["broken", "broken"]
    looks.close()


async def test_the_event_loop_does_not_wait_for_a_writer(
    migrated_file: Path, tmp_path: Path
) -> None:
    """Of the embedded database: the look waits in a thread, and the loop goes on."""
    database = Database(f"sqlite:///{shutil.copy(migrated_file, tmp_path)}")
    job_id = add(database)
    looks = BatchedLookup(database, jobs.VERSION)
    writer = database.engine.raw_connection()
    writer.cursor().execute("BEGIN EXCLUSIVE")
    look = asyncio.create_task(looks.at(job_id))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not look.done()
    writer.cursor().execute("ROLLBACK")
    writer.close()
    version = await look
    assert version is not None
    assert version.job_id == job_id
    await asyncio.to_thread(looks.close)
    database.close()


@pytest.mark.postgres
async def test_a_connection_that_has_died_is_opened_anew(postgres_database: Database) -> None:
    job_id = add(postgres_database)
    looks = BatchedLookup(postgres_database, jobs.VERSION)
    assert await looks.at(job_id) is not None
    with postgres_database.write() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert await looks.at(job_id) is not None
    await asyncio.to_thread(looks.close)
