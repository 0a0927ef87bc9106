"""What the commands `serve`, `worker` and `db upgrade` do."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from socket import socket
from types import FrameType
from typing import NoReturn

import uvicorn

from service.app import create_app
from service.database import migration
from service.database.sessions import Database
from service.datasets.storage import StorageUrlError
from service.http.sockets import ListenError, listening
from service.settings import Settings
from service.worker.supervisor import Supervisor

__all__ = ["ListenError", "StorageUrlError", "UnsafeAddressError", "serve", "upgrade", "worker"]

logger = logging.getLogger(__name__)

SIGNAL_SECONDS = 0.5
"""How soon, at the latest, a worker sees that it was asked to stop."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class UnsafeAddressError(Exception):
    """Without API keys the service answers on loopback only."""


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 8000,
    worker: bool = True,
    told: Callable[[str], object] = lambda _url: None,
) -> None:
    """Serve the API, with a supervisor beside it unless `worker` is false.

    `told` is called with the address once it answers there. Raises UnsafeAddressError, ListenError,
    SchemaOutdatedError, StorageUrlError.
    """
    _require_safe_address(settings, host)
    with listening(host, port) as sockets:
        _require_schema(settings)
        _serve(settings, sockets, worker, told)


def _serve(
    settings: Settings, sockets: list[socket], worker: bool, told: Callable[[str], object]
) -> None:
    supervisor = Supervisor(settings) if worker else None
    app = create_app(settings, wake=supervisor.wake) if supervisor else create_app(settings)
    # The application keeps the access log, with the id of each request.
    config = uvicorn.Config(app, log_config=None, access_log=False)

    def started(url: str) -> None:
        if supervisor is not None:
            supervisor.start()
        told(url)

    server = _Server(config, started)
    # When it has shut down, uvicorn raises the signal that it was stopped by once more: without a
    # handler of our own SIGTERM would then end the process before the supervisor is stopped.
    signal.signal(signal.SIGTERM, _exit)
    try:
        server.run(sockets)
    finally:
        if supervisor is not None:
            supervisor.stop()


class _Server(uvicorn.Server):
    """Calls `told` with its address once it answers: nothing is trained before."""

    def __init__(self, config: uvicorn.Config, told: Callable[[str], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told(_address(self.servers[0].sockets[0]))


def _address(listener: socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def worker(settings: Settings, told: Callable[[], object] = lambda: None) -> None:
    """Train the jobs of a shared database until SIGTERM or SIGINT. Raises SchemaOutdatedError.

    `told` is called once it has begun.
    """
    _require_schema(settings)
    supervisor = Supervisor(settings)
    stop = threading.Event()

    def asked(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, asked)
    signal.signal(signal.SIGINT, asked)
    supervisor.start()
    told()
    # The system may hand a signal to any thread, but Python runs its handler in this one, which
    # therefore must not sleep for ever.
    while not stop.wait(SIGNAL_SECONDS):
        pass
    supervisor.stop()


def upgrade(settings: Settings) -> str | None:
    """Bring the database to the schema of this program, and say which that is."""
    migration.upgrade(settings.resolved_database_url)
    return migration.head()


def _require_safe_address(settings: Settings, host: str) -> None:
    if host not in LOOPBACK and not settings.api_keys:
        raise UnsafeAddressError(
            f"refusing to serve on {host} without API keys: set TRAINYARD_API_KEYS to one or more "
            "keys separated by commas (`trainyard keys new` makes one), or serve on 127.0.0.1"
        )


def _require_schema(settings: Settings) -> None:
    """The embedded database is upgraded, any other must have been."""
    if settings.embedded:
        upgrade(settings)
        return
    database = Database(settings.resolved_database_url)
    try:
        migration.require_current(database)
    finally:
        database.close()
