"""Either client on a transport that answers from a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.trainyard.client.scripted import Connect, Recording, Script
from tests.trainyard.waiting import client_of
from trainyard import Client


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture(params=["Client", "AsyncClient"])
def connect(pauses: list[float], request: pytest.FixtureRequest) -> Iterator[Connect]:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    sleep = pauses.append if request.param == "Client" else pause
    with ExitStack() as clients:

        def make(*answers: Script, **options: Any) -> tuple[Client, Recording]:
            transport = Recording(*answers)
            options |= {"transport": transport, "sleep": sleep}
            client = client_of(request.param, "http://yard:9", **options)
            return clients.enter_context(client), transport

        yield make
