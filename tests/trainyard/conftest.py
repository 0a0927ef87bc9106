"""A real service, in a process of its own on a free port, for all tests that talk to one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner, Result

from trainyard import Client
from trainyard.cli import app
from trainyard.cli.service.demonstration import local_service


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with local_service(tmp_path_factory.mktemp("service")) as client:
        yield client


@pytest.fixture
def environment(service: Client, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment in which commands find the service, also for subprocesses."""
    monkeypatch.setenv("TRAINYARD_URL", service.base_url)
    monkeypatch.delenv("TRAINYARD_API_KEY", raising=False)
    return dict(os.environ)


@pytest.fixture
def run(environment: dict[str, str]) -> Callable[..., Result]:
    """``run(*words, text=None, columns=200)``: the command line, and ``text`` as its input."""

    def invoke(*words: object, text: str | None = None, columns: int = 200) -> Result:
        env = environment | {"COLUMNS": str(columns)}
        return CliRunner().invoke(app, [str(word) for word in words], env=env, input=text)

    return invoke
