"""Jobs as they are answered: every state of a job is read and written out once."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool

from service.database.batched_lookup import BatchedLookup
from service.database.errors import RowNotFound
from service.database.lru_cache import LRUCache
from service.database.sessions import Database
from service.http.schemas import written
from service.jobs import repository as jobs
from service.jobs.repository import JobVersion
from service.jobs.serializers import serialize_job

__all__ = ["JobResponses"]


class JobResponses:
    """Responses about jobs, by the version of their state.

    The version is looked up for every request, in one small query; only where it differs from the
    one before, the job is read again. So a response is never older than its request, whichever
    process has changed the job.
    """

    def __init__(self, database: Database, capacity_bytes: int = 32 << 20) -> None:
        self._database = database
        self._versions = BatchedLookup(database, jobs.VERSION)
        self._answers: LRUCache[str, tuple[JobVersion, bytes]] = LRUCache(capacity_bytes)

    async def version(self, job_id: str) -> JobVersion:
        """How far a job is now. Raises RowNotFound."""
        version = await self._versions.at(job_id)
        if version is None:
            raise RowNotFound(f"there is no job {job_id}")
        return version

    async def content(self, version: JobVersion) -> tuple[JobVersion, bytes]:
        """The job in JSON at a version or a later one, and which it is. Raises RowNotFound."""
        kept = self._answers.get(version.job_id)
        if kept is not None and kept[0] == version:
            return kept
        return await run_in_threadpool(self._read, version.job_id)

    def close(self) -> None:
        """Nobody will ask any more."""
        self._versions.close()

    def _read(self, job_id: str) -> tuple[JobVersion, bytes]:
        with self._database.read() as session:
            detail = jobs.get(session, job_id)
        answer = detail.version, written(serialize_job(detail))
        self._answers.put(job_id, answer, len(answer[1]))
        return answer
