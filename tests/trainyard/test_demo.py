"""The demonstration, as a newcomer runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from trainyard.cli.service.demonstration import local_service
from trainyard.errors import TrainyardError


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    """The demo, with every temporary file of its in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "trainyard", "demo", *words],
        env=os.environ | {"TMPDIR": str(folder), "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_listening(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rsplit(":", 1)[1]))) == 0


def address(text: str) -> str:
    found = re.search(r"http://127\.0\.0\.1:\d+", text)
    assert found is not None
    return found[0]


def test_it_trains_predicts_and_leaves_nothing_behind(tmp_path: Path) -> None:
    process = started(tmp_path, "--json")
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    accuracies = [float(text) for text in re.findall(r"trained on: ([0-9.]+)%", err)]
    assert min(accuracies) >= 97.0
    came_out = json.loads(out)
    assert [f"{each['accuracy']:.1%}" for each in came_out] == [f"{each}%" for each in accuracies]
    assert {each["job"]["status"] for each in came_out} == {"succeeded"}
    assert "digits  epoch 500/500" in err
    assert re.search(r"0 +Gentoo", err)
    assert "/docs" in err
    named = re.findall(r"\S+\.(?:csv|json|py|yaml)\b", err)
    assert named == [], "an installation from a wheel may not have these files"
    assert not is_listening(address(err))
    assert not list(tmp_path.glob("trainyard-demo-*"))


@pytest.mark.parametrize("word", [signal.SIGINT, signal.SIGTERM])
def test_it_can_be_stopped_at_any_time(tmp_path: Path, word: signal.Signals) -> None:
    process = started(tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    assert "Starting" in process.stdout.readline()
    assert "epoch 1/" in process.stderr.readline()
    process.send_signal(word)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert not is_listening(address(out))
    assert not list(tmp_path.glob("trainyard-demo-*"))


def test_a_service_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "trainyard.sqlite3").write_bytes(b"this is no database" * 100)
    with pytest.raises(TrainyardError, match="not a database"), local_service(tmp_path):
        pass
