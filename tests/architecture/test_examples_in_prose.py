"""What the README and the documentation show is carried out, against a running service."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from benchmarks import processes
from tests.architecture.command_line import parse
from tests.architecture.repository import ROOT, read
from trainyard.cli.files import read_job

SHOWN_ADDRESS = "127.0.0.1:8000"
PATIENCE_SECONDS = 60.0
"""The first prediction on a new machine compiles what it needs."""
FENCE = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [
    "README.md",
    "docs/quickstart.md",
    "docs/client.md",
    "docs/validation.md",
    "docs/insight.md",
    "docs/deploy.md",
    "docs/tutorial/index.md",
    "docs/howto/own-data.md",
    "docs/howto/warm-start.md",
    "docs/howto/web-page.md",
    "docs/howto/embed.md",
    "docs/jobs.md",
]


def blocks(*languages: str, pages: list[str] = PAGES) -> list[tuple[str, str]]:
    """The fenced blocks of some languages, each with its page."""
    return [
        (page, match["text"])
        for page in pages
        for match in FENCE.finditer(read(page))
        if match["language"] in languages
    ]


def commands() -> list[list[str]]:
    """Every line that a reader might type, as words; continued lines are joined."""
    typed: list[list[str]] = []
    for _, text in blocks("bash", "console"):
        for line in re.sub(r"\\\n", "", text).splitlines():
            command = line.removeprefix("$ ")
            if command.split(" ")[0] in {"make", "trainyard"}:
                typed.append(shlex.split(command, comments=True))
    return [words for index, words in enumerate(typed) if words not in typed[:index]]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with processes.trainyard(tmp_path_factory.mktemp("data")) as address:
        yield address


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_commands_exist(words: list[str]) -> None:
    if words[0] == "trainyard":
        parse(words[1:])
    else:
        targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
        assert set(words[1:]) <= targets


@pytest.mark.parametrize(
    "text",
    [text for _, text in blocks("bash") if text.startswith("curl") and SHOWN_ADDRESS in text],
)
def test_curl_is_answered(text: str, address: str) -> None:
    script = text.replace(SHOWN_ADDRESS, address).replace("curl -s", "curl -s --fail-with-body")
    answer = subprocess.run(
        ["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert json.loads(answer.stdout)


@pytest.mark.parametrize("text", [text for _, text in blocks("json")])
def test_jobs_are_valid(text: str, address: str) -> None:
    answer = httpx.post(
        f"http://{address}/v1/jobs?validate_only=true",
        json=json.loads(text),
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert answer.status_code == 200, answer.text


def test_the_definition_shown_is_a_model(address: str) -> None:
    ((_, text),) = blocks("json", pages=["docs/api.md"])
    made = httpx.post(
        f"http://{address}/v1/models",
        json=json.loads(text),
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert made.status_code == 201, made.text
    where = f"http://{address}/v1/models/{made.json()['id']}/predictions"
    cases = {"rows": [[0, 0], [0, 1], [1, 0], [1, 1]]}
    told = httpx.post(where, json=cases, trust_env=False, timeout=PATIENCE_SECONDS).json()
    assert told["predictions"] == [0, 1, 1, 0]


def test_the_error_shown_is_the_error_given(address: str) -> None:
    ((page, text),) = blocks("http", pages=["docs/api.md"])
    head, _, body = text.partition("\n\n")
    method, path, _ = head.split(maxsplit=2)
    answer = httpx.request(
        method,
        f"http://{address}{path}",
        json=json.loads(body),
        trust_env=False,
        timeout=PATIENCE_SECONDS,
    )
    assert f"status {answer.status_code}" in read(page)
    for error in answer.json()["errors"]:
        assert f"`{error['pointer']}`" in read(page)


def test_python_runs_from_page_to_page(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the order of reading: the last block asks the model that the one before it has made."""
    monkeypatch.setenv("TRAINYARD_URL", f"http://{address}")
    monkeypatch.chdir(ROOT)
    for page, text in blocks("python"):
        exec(compile(text, page, "exec"), {})
        assert capsys.readouterr().out


def test_example_jobs_are_valid(address: str) -> None:
    """Every job in examples/ that brings or names its data has a plan."""
    for path in sorted((ROOT / "examples").glob("*.yaml")):
        job = read_job(path)
        if "dataset" not in job:
            continue
        answer = httpx.post(
            f"http://{address}/v1/jobs?validate_only=true",
            json=job,
            trust_env=False,
            timeout=PATIENCE_SECONDS,
        )
        assert answer.status_code == 200, (path.name, answer.text)


def terminal_tours() -> list[str]:
    """What a page lets a reader type from its first line to its last, in an activated terminal."""
    (shown,) = [text for _, text in blocks("console", pages=["README.md"]) if "activate" in text]
    quickstart = "".join(text for _, text in blocks("bash", pages=["docs/quickstart.md"]))
    return [shown, quickstart]


@pytest.mark.parametrize("text", terminal_tours(), ids=["readme", "quickstart"])
def test_the_terminal_tours_work(text: str, address: str, tmp_path: Path) -> None:
    (job,) = [text for _, text in blocks("json", pages=["docs/quickstart.md"])]
    (tmp_path / "job.json").write_text(job, encoding="utf-8")
    for folder in ("examples", "trainyard"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    lines = re.sub(r"^\$ ", "", text, flags=re.MULTILINE).replace(SHOWN_ADDRESS, address)
    typed = [line for line in lines.splitlines() if not line.startswith(("make ", "source "))]
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(typed)],
        cwd=tmp_path,
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "TRAINYARD_URL": f"http://{address}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout
