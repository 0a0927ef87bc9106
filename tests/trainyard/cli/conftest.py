"""Things to name on a command line, made once."""

from __future__ import annotations

import pytest

from tests.trainyard.cli.things import Things, made
from trainyard import Client


@pytest.fixture(scope="session")
def things(service: Client, tmp_path_factory: pytest.TempPathFactory) -> Things:
    return made(service, tmp_path_factory.mktemp("things"))
