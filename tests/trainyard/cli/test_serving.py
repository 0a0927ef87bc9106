"""What keeps the service from being served is told before anything is done, in real processes."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.trainyard.cli.processes import start


def refused(
    *words: object, folder: Path, settings: Mapping[str, str] | None = None, code: int = 1
) -> str:
    """What `serve` says as it ends with this code."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("TRAINYARD_")}
    env = own | {"TRAINYARD_DATA_DIR": str(folder)} | dict(settings or {})
    process = start("serve", *words, env=env)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, ""), err
    assert "Traceback" not in err
    return err


def test_the_world_is_not_served_without_keys(tmp_path: Path) -> None:
    err = refused("--host", "0.0.0.0", folder=tmp_path)
    assert "TRAINYARD_API_KEYS" in err.splitlines()[-1]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_port_that_is_locked(host: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (line,) = refused("--host", host, "--port", port, folder=tmp_path).splitlines()
    assert line.startswith(f"Error: port {port} of {host} is in use: ")
    assert "try --port " in line
    assert [*tmp_path.iterdir()] == [], "a database was made for nothing"


@pytest.mark.parametrize(
    ("host", "hint"),
    [("no-such-host.invalid", "there is no host"), ("192.0.2.1", "no address of this machine")],
)
def test_a_host_that_is_not_here(host: str, hint: str, tmp_path: Path) -> None:
    key = {"TRAINYARD_API_KEYS": "a-key-that-lets-it-try"}
    (line,) = refused("--host", host, folder=tmp_path, settings=key).splitlines()
    assert line.startswith("Error: ")
    assert hint in line
    assert "--host" in line
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TRAINYARD_DATA_DIR", "/dev/null/trainyard"),
        ("TRAINYARD_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none"),
        ("TRAINYARD_DATABASE_URL", "nonsense://"),
        ("TRAINYARD_STORAGE_URL", "nonsense://bucket"),
    ],
)
def test_a_place_for_data_that_cannot_be_used(name: str, value: str, tmp_path: Path) -> None:
    err = refused("--port", 0, folder=tmp_path, settings={name: value})
    assert any(line.startswith("Error: ") for line in err.splitlines())


def test_settings_that_make_no_sense(tmp_path: Path) -> None:
    err = refused(folder=tmp_path, settings={"TRAINYARD_SLOTS": "many"}, code=2)
    assert err.startswith("Error: TRAINYARD_SLOTS: ")
