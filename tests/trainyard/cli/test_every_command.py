"""What holds for every command there is; a new one is tested as soon as it exists."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from engine.precompile import inventory as warming
from tests.architecture.command_line import parse
from tests.trainyard.cli.things import Things
from trainyard.cli import app
from trainyard.cli.reference import commands

COMMANDS = commands()
NOWHERE = "http://127.0.0.1:9"
ESCAPE = re.compile(r"\x1b")
COLOUR = re.compile(r"\x1b\[(\d+;)*(3[0-9]|4[0-9]|9[0-7]|10[0-7])[;m]")

ARGUMENTS: dict[str, Callable[[Things], list[object]]] = {
    "train": lambda t: ["-f", t.spec],
    "runs": lambda t: ["--tag", "measured", "--status", t.job.status, "--sort", "best"],
    "watch": lambda t: [t.job.id],
    "compare": lambda t: [t.job.id, t.folds.id],
    "pause": lambda t: [t.paused()],
    "resume": lambda t: [t.paused()],
    "advance": lambda t: [t.paused()],
    "cancel": lambda t: [t.paused()],
    "delete": lambda t: [t.cancelled(), "--yes"],
    "folds": lambda t: [t.folds.id],
    "diagnostics": lambda t: [t.job.id],
    "range-test": lambda t: ["-f", t.spec, "--steps", "20"],
    "predict": lambda t: [t.job.model_id, "-f", t.rows],
    "evaluate": lambda t: [t.job.id, "-f", t.rows],
    "models": lambda _: ["--limit", "2"],
    "model": lambda t: [t.job.model_id],
    "export": lambda t: [t.job.id[-8:], "-o", t.folder / "out.safetensors"],
    "import": lambda t: [t.weights],
    "trace": lambda t: [t.job.id, "-f", t.rows],
    "check-gradients": lambda t: [t.job.id, "-f", t.rows],
    "landscape": lambda t: [t.job.id, "--resolution", "5"],
    "importances": lambda t: [t.job.id, "--repeats", "2"],
    "descend": lambda _: ["--steps", "5"],
    "catalog": lambda _: ["optimizer"],
    "datasets add": lambda _: ["--builtin", "xor"],
    "datasets list": lambda _: [],
    "datasets show": lambda t: [t.dataset],
    "datasets rows": lambda t: [t.dataset],
    "datasets delete": lambda t: [t.spare(), "--yes"],
    "openapi": lambda _: [],
    "warmup": lambda _: [],
    "keys new": lambda _: [],
    "keys check": lambda _: [],
    "config show": lambda _: [],
    "db upgrade": lambda _: [],
}
SERVERS = {"serve": ["--port", "0", "--no-worker"], "worker": []}
"""Commands that go on until they are stopped."""
DEMO = {"demo"}
"""It takes its time, and has a test of its own."""
STREAMS = {"watch"}
"""Commands that print a line of JSON for each thing that happens."""
CLIENTS = [path for path, command in COMMANDS.items() if "url" in {p.name for p in command.params}]


@pytest.fixture
def invoke(environment: dict[str, str], tmp_path: Path) -> Callable[..., Result]:
    """``invoke(path, *words, **variables)``."""

    def run(path: str, *words: object, **variables: str) -> Result:
        own = {"TRAINYARD_DATA_DIR": str(tmp_path), "COLUMNS": "200"}
        arguments = [*path.split(), *map(str, words)]
        return CliRunner().invoke(app, arguments, env=environment | own | variables)

    return run


@pytest.fixture(autouse=True)
def _compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all kernels were: to compile them takes minutes."""
    monkeypatch.setattr(warming, "missing", list)


def test_there_is_something_to_say_to_each() -> None:
    assert set(ARGUMENTS) | set(SERVERS) | DEMO == set(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS)
def test_help_has_examples_that_can_be_typed(path: str, invoke: Callable[..., Result]) -> None:
    got = invoke(path, "--help")
    assert got.exit_code == 0
    lines = got.stdout.partition("Examples:\n")[2].splitlines()
    assert len(lines) >= 2
    for line in lines:
        _, _, words = line.rpartition(f"trainyard {path}")
        parse([*path.split(), *shlex.split(words.split(")")[0])])


@pytest.mark.parametrize("words", [[], ["datasets"], ["keys"], ["config"], ["db"]], ids=" ".join)
def test_what_a_command_does_fits_on_a_line(words: list[str]) -> None:
    got = CliRunner().invoke(app, [*words, "--help"], env={"COLUMNS": "80"})
    assert got.exit_code == 0
    assert "..." not in got.stdout.partition("COMMAND [ARGS]...")[2]


@pytest.mark.parametrize("path", COMMANDS)
def test_wrong_usage(path: str, invoke: Callable[..., Result]) -> None:
    got = invoke(path, "--nonsense")
    assert got.exit_code == 2
    assert got.stdout == ""
    assert "--nonsense" in got.stderr


@pytest.mark.parametrize("path", ARGUMENTS)
def test_json_is_all_there_is_on_stdout(
    path: str, invoke: Callable[..., Result], things: Things
) -> None:
    words = ARGUMENTS[path](things)
    got = invoke(path, *words, "--json", FORCE_COLOR="1")
    assert got.exit_code == 0, got.output
    assert not ESCAPE.search(got.stdout)
    for document in got.stdout.splitlines() if path in STREAMS else [got.stdout]:
        assert isinstance(json.loads(document), dict | list)


@pytest.mark.parametrize("path", ARGUMENTS)
def test_no_colours_where_none_are_wanted(
    path: str, invoke: Callable[..., Result], things: Things
) -> None:
    got = invoke(path, *ARGUMENTS[path](things), FORCE_COLOR="1", NO_COLOR="1")
    assert got.exit_code == 0, got.output
    assert not COLOUR.search(got.output)
    piped = invoke(path, *ARGUMENTS[path](things))
    assert not ESCAPE.search(piped.output)


@pytest.mark.parametrize("path", CLIENTS)
def test_no_service(path: str, invoke: Callable[..., Result], things: Things) -> None:
    got = invoke(path, *ARGUMENTS[path](things), "--url", NOWHERE)
    assert got.exit_code == 1
    assert got.stdout == ""
    assert "trainyard serve" in got.stderr
    assert NOWHERE in got.stderr


@pytest.mark.parametrize("path", SERVERS)
def test_servers_say_when_they_have_begun(path: str, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TRAINYARD_")}
    environment["TRAINYARD_DATA_DIR"] = str(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "trainyard", path, *SERVERS[path], "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    begun: dict[str, Any] = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert begun["type"] in {"listening", "started"}
    assert out == ""
