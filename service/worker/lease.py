"""Keeps the lease of an attempt while it trains."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Self

from sqlalchemy.exc import OperationalError

from service.database.errors import LeaseLost
from service.database.sessions import Database
from service.lifecycle import leases
from service.lifecycle.leases import Lease
from service.worker.control import Control, StopRequest

logger = logging.getLogger(__name__)


class LeaseKeeper:
    """Renews a lease on a thread, three times as often as it must, and passes on what is asked."""

    def __init__(self, database: Database, lease: Lease, seconds: float, control: Control) -> None:
        self._database = database
        self._lease = lease
        self._seconds = seconds
        self._control = control
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="trainyard-lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            try:
                with self._database.write() as session:
                    action = leases.renew(session, self._lease, self._seconds)
            except LeaseLost:
                self._control.ask(StopRequest.ABANDON)
                return
            except OperationalError:
                logger.warning("the lease of %s could not be renewed", self._lease.job_id)
                continue
            self._control.follow(action)
