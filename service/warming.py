"""Does at the start, in the background, what the first visitors of a process would wait for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from service.catalog.service import catalogue
from service.database.sessions import Database
from service.datasets import service as datasets_service
from service.datasets.builtin import Iris
from service.datasets.storage import Storage
from service.jobs.schemas import JobCreate
from service.jobs.service import validate_job
from service.models.cache import ModelCache
from service.settings import Settings

__all__ = ["WarmUp", "steps"]

logger = logging.getLogger(__name__)


AFTER_SECONDS = 1.0
"""By then the service listens: it is not to be ready any later."""


class WarmUp:
    """Takes steps, one after the other, in a thread of its own, some time after its start."""

    def __init__(
        self, steps: Iterable[Callable[[], object]], after_seconds: float = AFTER_SECONDS
    ) -> None:
        self._steps = steps
        self._after_seconds = after_seconds
        self.stopped = threading.Event()
        """Set when no further step will be taken."""
        self._thread = threading.Thread(target=self._run, name="trainyard-warm-up")

    def start(self) -> None:
        """Begin, without waiting."""
        self._thread.start()

    def stop(self) -> None:
        """Take no further step, and wait for the present one."""
        self.stopped.set()
        self._thread.join()

    def _run(self) -> None:
        self.stopped.wait(self._after_seconds)
        for step in self._steps:
            if self.stopped.is_set():
                return
            try:
                step()
            except Exception:  # requests do without, and tell what is wrong
                logger.exception("a step of the warm-up failed")


def steps(
    database: Database, storage: Storage, cache: ModelCache, settings: Settings
) -> tuple[Callable[[], object], ...]:
    """Whatever is built or imported once in a process, in the order in which a new run needs it."""

    def plan() -> None:
        request = JobCreate(dataset=Iris())
        drafted = validate_job(request, database, storage, cache, settings)
        drafted.plan().model_dump_json()

    def preview() -> None:
        datasets_service.preview(datasets_service.from_builtin(Iris()), limit=1).model_dump_json()

    return catalogue, preview, plan
