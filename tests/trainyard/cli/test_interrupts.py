"""Ctrl-C while a job is being made: whether there is one can be found out."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Callable
from http.client import parse_headers
from pathlib import Path

import httpx
import pytest
from typer.testing import Result

from tests.trainyard.cli.processes import start
from trainyard import Client

JOB = {"dataset": "iris", "training": {"epochs": 1, "seed": 7}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A job."""
    written = tmp_path / "job.json"
    written.write_text(json.dumps(JOB))
    return written


def passed_on(connection: socket.socket, service: Client) -> httpx.Response:
    """The service's answer to the job that is posted on a connection."""
    with connection.makefile("rb") as stream:
        assert stream.readline().startswith(b"POST /v1/jobs ")
        headers = parse_headers(stream)
        body = stream.read(int(headers["Content-Length"]))
    kept = {name: headers[name] for name in ("Content-Type", "Idempotency-Key")}
    with httpx.Client(base_url=service.base_url, trust_env=False, timeout=60) as client:
        return client.post("/v1/jobs", content=body, headers=kept)


@pytest.mark.parametrize(
    ("words", "member"), [(["train", "--detach"], "id"), (["range-test"], "job_id")]
)
def test_a_job_whose_answer_was_not_waited_for(
    words: list[str],
    member: str,
    service: Client,
    run: Callable[..., Result],
    file: Path,
) -> None:
    """It goes through a listener that hands on the request, and keeps the answer to itself."""
    command = [*words, "-f", file, "--json"]
    with socket.create_server(("127.0.0.1", 0)) as between:
        between.settimeout(60)
        url = f"http://127.0.0.1:{between.getsockname()[1]}"
        process = start(*command, env=os.environ | {"TRAINYARD_URL": url})
        try:
            connection, _ = between.accept()
            with connection:
                made = passed_on(connection, service).json()
                process.send_signal(signal.SIGINT)
                out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out) == (130, ""), err
    assert "trainyard runs" in err
    key = re.search(r"--idempotency-key (\S+)", err)
    assert key is not None, err
    again = run(*command, "--idempotency-key", key[1])
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)[member] == made["id"]


def test_a_job_that_was_made_is_told_as_it_is_now(
    run: Callable[..., Result], service: Client, file: Path
) -> None:
    command = ["train", "--detach", "-f", file, "--json", "--idempotency-key", "a-word-of-its-own"]
    made = json.loads(run(*command).stdout)
    service.jobs.wait(made["id"], timeout=60)
    again = json.loads(run(*command).stdout)
    assert (again["id"], again["status"]) == (made["id"], "succeeded")


@pytest.mark.parametrize("key", ["", "two words", "é", "k" * 256])
def test_a_key_that_cannot_be_sent(key: str, run: Callable[..., Result], file: Path) -> None:
    got = run("train", "-f", file, "--idempotency-key", key)
    assert got.exit_code == 2
    assert "255" in got.stderr
