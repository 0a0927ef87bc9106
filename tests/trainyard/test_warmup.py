"""The command that compiles beforehand."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from engine.precompile import inventory as warming
from trainyard.cli import app


@pytest.fixture
def one_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all but one kernel were compiled: all of them would take minutes."""
    monkeypatch.setattr(warming, "missing", lambda: [len(warming.units()) - 1])


@pytest.mark.usefixtures("one_missing")
def test_result_for_programs_and_progress_for_people() -> None:
    told = CliRunner().invoke(app, ["warmup", "--json"])
    assert told.exit_code == 0, told.output
    result: dict[str, Any] = json.loads(told.stdout)
    assert result["compiled"] == 1
    assert result["kernels"] == len(warming.units())
    assert "compiling kernels: 1 of 1" in told.stderr


def test_nothing_left_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warming, "missing", list)
    told = CliRunner().invoke(app, ["warmup"])
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("0 kernels compiled")
    assert told.stderr == ""


def test_nowhere_to_keep_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.worker.warmup.cache_folder", lambda: None)
    told = CliRunner().invoke(app, ["warmup"])
    assert told.exit_code == 1
    assert "XDG_CACHE_HOME" in told.stderr
