"""A working directory with files that are named as packages of Trainyard's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT
from trainyard.cli.service.demonstration import local_service

SHADOWS = {"engine.py": "engine", "service/__init__.py": "service"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory whose files must not be imported."""
    folder = tmp_path / "work"
    (folder / "service").mkdir(parents=True)
    return folder


def shadow(folder: Path, name: str) -> None:
    (folder / name).write_text("raise SystemExit('imported from the working directory')\n")


def test_jobs_are_trained_in_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in SHADOWS:
        shadow(folder, name)
    monkeypatch.chdir(folder)
    with local_service(tmp_path / "data") as client:
        dataset = client.datasets.create(builtin="xor")
        job = client.jobs.create(dataset=dataset, training={"epochs": 2})
        assert client.jobs.wait(job, timeout=120).status == "succeeded"


@pytest.mark.parametrize("name", SHADOWS)
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_commands_of_the_server_say_what_is_in_the_way(
    command: str, name: str, folder: Path, tmp_path: Path
) -> None:
    shadow(folder, name)
    run = subprocess.run(
        [sys.executable, "-m", "trainyard", command],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "TRAINYARD_DATA_DIR": str(tmp_path), "COLUMNS": "300"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.returncode == 1
    assert str(folder / name) in run.stderr
    assert f"hides the package '{SHADOWS[name]}'" in run.stderr
