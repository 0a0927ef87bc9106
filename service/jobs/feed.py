"""One poller for everybody who waits for a job to change.

However many requests wait, there is one query per tick for all of them, and none while nobody does.
Polling sees what any process wrote, so API and workers need nothing in common but the database.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from service.database.errors import RowNotFound
from service.database.sessions import Database
from service.jobs import repository as jobs
from service.jobs.repository import JobVersion

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.01
RETRY_SECONDS = 1.0


@dataclass(eq=False)
class _Waiter:
    known: JobVersion
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[JobVersion | None]

    def answer(self, version: JobVersion | None) -> None:
        """Wake the request, from the poller's thread."""
        with contextlib.suppress(RuntimeError):  # its event loop has ended
            self.loop.call_soon_threadsafe(self._set, version)

    def _set(self, version: JobVersion | None) -> None:
        if not self.future.done():
            self.future.set_result(version)


class Feed:
    """Tells waiting coroutines when a job is not as they know it any more.

    Get a `JobVersion` from `jobs.repository.VERSION`, then `await feed.wait(version, seconds)`
    again and again, always with the newest one.
    """

    def __init__(self, database: Database, tick_seconds: float = TICK_SECONDS) -> None:
        self._autocommit = database.lookout()
        self._tick_seconds = tick_seconds
        self._waiters: set[_Waiter] = set()
        self._changed = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None

    @property
    def closed(self) -> bool:
        """Whether the server shuts down: streams should end."""
        return self._closed

    async def wait(self, known: JobVersion, timeout_seconds: float) -> JobVersion | None:
        """The job's version once it differs from `known`; None when the time is up or on `close`.

        Raises RowNotFound when the job was deleted.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(known, loop, loop.create_future())
        self._add(waiter)
        try:
            version = await asyncio.wait_for(waiter.future, timeout_seconds)
        except TimeoutError:
            return None
        finally:
            self._remove(waiter)
        if version is None and not self._closed:
            raise RowNotFound(f"job {known.job_id} was deleted")
        return version

    def close(self) -> None:
        """Let everybody who waits go on, and end the poller."""
        with self._changed:
            self._closed = True
            for waiter in self._waiters:
                waiter.answer(None)
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _add(self, waiter: _Waiter) -> None:
        with self._changed:
            if self._closed:
                waiter.answer(None)
            self._waiters.add(waiter)
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(
                    target=self._poll, name="trainyard-feed", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def _remove(self, waiter: _Waiter) -> None:
        with self._changed:
            self._waiters.discard(waiter)

    def _poll(self) -> None:
        pause = 0.0
        while self._somebody_waits(pause):
            try:
                self._look()
                pause = self._tick_seconds
            except SQLAlchemyError:
                logger.exception("cannot read the jobs that requests wait for")
                pause = RETRY_SECONDS
        self._autocommit.close()

    def _somebody_waits(self, pause: float) -> bool:
        """Sleep for the tick, then until somebody waits; False when closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed, timeout=pause)
            self._changed.wait_for(lambda: self._closed or self._waiters)
            return not self._closed

    def _look(self) -> None:
        with self._changed:
            waiters = list(self._waiters)
        wanted = {waiter.known.job_id for waiter in waiters}
        versions = self._autocommit.look(lambda connection: jobs.VERSION.among(connection, wanted))
        for waiter in waiters:
            version = versions.get(waiter.known.job_id)
            if version != waiter.known:
                waiter.answer(version)
