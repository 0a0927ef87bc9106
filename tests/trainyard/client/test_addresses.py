"""Where a client sends: given, from the environment, and never anywhere else."""

from __future__ import annotations

import pytest

from tests.trainyard.client.scripted import Connect, Recording, ok
from trainyard import AsyncClient, Client


def test_the_address_and_key_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_URL", "https://yard.example/team/")
    monkeypatch.setenv("TRAINYARD_API_KEY", "secret")
    transport = Recording(ok())
    with Client(transport=transport) as client:
        client.jobs.get("job_1")
    (request,) = transport.requests
    assert str(request.url) == "https://yard.example/team/v1/jobs/job_1"
    assert request.headers["Authorization"] == "Bearer secret"


def test_arguments_come_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_URL", "https://elsewhere.example")
    transport = Recording(ok())
    with Client("http://yard:9", api_key="mine", transport=transport) as client:
        client.jobs.get("job_1")
    assert transport.requests[0].url.host == "yard"
    assert transport.requests[0].headers["Authorization"] == "Bearer mine"


@pytest.mark.parametrize("url", ["yard:8000", "ftp://yard", "http://", ""])
def test_an_address_that_is_none(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINYARD_URL", raising=False)
    if url:
        with pytest.raises(ValueError, match="address"):
            Client(url)
    else:
        with Client(url) as client:
            assert client.base_url == "http://127.0.0.1:8000"


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_time_in_which_nothing_can_be_answered(
    kind: type[Client | AsyncClient], seconds: float
) -> None:
    with pytest.raises(ValueError, match="timeout"):
        kind(timeout=seconds)


def test_ids_cannot_leave_their_place(connect: Connect) -> None:
    client, transport = connect(ok())
    client.jobs.get("../models?x=1#y")
    assert transport.requests[0].url.raw_path == b"/v1/jobs/..%2Fmodels%3Fx%3D1%23y"
