"""A real service on loopback for tests: uvicorn in a thread, a free port, a fresh folder."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from service.app import create_app
from service.settings import Settings
from service.worker.supervisor import Supervisor


@dataclass(frozen=True)
class Served:
    """A running service."""

    url: str
    settings: Settings
    client: httpx.Client
    """Opened on ``url``; sends the first API key, if there are any."""
    stop: Callable[[], None]
    """Does what a signal does: open streams end, and the service is not ready any more."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextmanager
def serving(
    settings: Settings, template: Path | None = None, *, worker: bool = False, port: int = 0
) -> Iterator[Served]:
    """Serve until the end of the block; ``template`` is a migrated SQLite file to begin with.

    ``port`` is for a service that is started anew where it was; by default a free one.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if template is not None:
        shutil.copy(template, settings.data_dir / "trainyard.sqlite3")
    supervisor = Supervisor(settings) if worker else None
    app = create_app(settings, supervisor.wake) if supervisor else create_app(settings)
    server = _Server(uvicorn.Config(app, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, name="test-server")
    thread.start()
    if supervisor is not None:
        supervisor.start()
    try:
        assert server.ready.wait(30), "the server did not start"
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        url = f"http://{host}:{port}"
        keys = settings.api_keys
        headers = {"Authorization": f"Bearer {keys[0].get_secret_value()}"} if keys else {}
        with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
            yield Served(url, settings, client, app.state.feed.close)
    finally:
        app.state.feed.close()
        server.should_exit = True
        thread.join()
        if supervisor is not None:
            supervisor.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    """A service that queues jobs and does not train them, shared by the tests of a module."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("served"))
    with serving(settings, migrated_file) as running:
        yield running


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Iterator[Served]:
    """A service with a worker, shared by all tests that train."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("training"), slots=1)
    with serving(settings, migrated_file, worker=True) as running:
        yield running
