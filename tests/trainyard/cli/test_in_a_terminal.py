"""What people see in a terminal, wide and narrow, and what their shell completes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping

import pytest

from service.vocabulary import JobStatus
from tests.trainyard.cli.terminal import show
from tests.trainyard.cli.things import Things
from trainyard.cli import completion

COLOUR = re.compile(r"\x1b\[(\d+;)*3[0-9][;m]")
NOWHERE = {"TRAINYARD_URL": "http://127.0.0.1:9"}


@pytest.mark.parametrize("columns", [60, 100])
def test_a_job_as_it_is_watched(columns: int, things: Things, environment: dict[str, str]) -> None:
    shown = show("watch", things.job.id, columns=columns, environment=environment)
    assert shown.code == 0, shown.raw
    text = "\n".join(shown.lines)
    view, _, _ = text.partition("\njob ")
    assert max(map(len, view.splitlines())) <= columns
    assert "epoch 4/4" in view
    assert "succeeded (completed)" in text
    for name in ("loss", "validation", "accuracy"):
        assert re.search(rf"^  {name} +\d\S* +[▁▂▃▄▅▆▇█]+", text, re.MULTILINE), text


@pytest.mark.parametrize(
    "words",
    [["runs"], ["models"], ["datasets", "list"], ["config", "show"], ["catalog"]],
    ids=" ".join,
)
def test_tables_keep_within_the_terminal(
    words: list[str], things: Things, environment: dict[str, str]
) -> None:
    shown = show(*words, columns=60, environment=environment)
    assert shown.code == 0, shown.raw
    assert max(map(len, shown.lines)) <= 60
    if words == ["datasets", "list"]:
        assert things.dataset in shown.raw


def test_colours_are_for_those_who_want_them(things: Things, environment: dict[str, str]) -> None:
    words = ["compare", things.job.id, things.folds.id]
    assert COLOUR.search(show(*words, columns=100, environment=environment).raw)
    plain = show(*words, columns=100, environment=environment | {"NO_COLOR": "1"})
    assert not COLOUR.search(plain.raw)


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("\n", 1)])
def test_nothing_is_deleted_unasked(
    typed: str, code: int, things: Things, environment: dict[str, str]
) -> None:
    dataset = things.spare()
    words = ["datasets", "delete", dataset]
    shown = show(*words, columns=100, environment=environment, typed=typed)
    assert f"Delete {dataset}" in shown.raw
    assert shown.code == code, shown.raw
    left = {each.id for each in things.service.datasets.list()}
    assert (dataset in left) == (code == 1)


def completed(line: str, environment: Mapping[str, str]) -> list[str]:
    """What bash is told to offer at the end of a line."""
    got = subprocess.run(
        [sys.executable, "-m", "trainyard"],
        env={
            **environment,
            "_TRAINYARD_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert got.stderr == ""
    return got.stdout.split()


def test_ids_are_completed(things: Things, environment: dict[str, str]) -> None:
    offered = completed("trainyard watch ", environment)
    assert offered[0] == "last"
    assert things.job.id in offered
    assert things.job.model_id in completed("trainyard predict mdl_", environment)
    assert things.dataset in completed("trainyard datasets show ", environment)


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("trainyard runs --status r", ["running"]),
        ("trainyard datasets add --builtin two", ["two_moons"]),
        ("trainyard catalog optimizer adamw", ["adamw"]),
    ],
)
def test_words_are_completed(line: str, offered: list[str], environment: dict[str, str]) -> None:
    assert completed(line, environment) == offered


def test_nothing_is_completed_without_a_service() -> None:
    assert completed("trainyard watch ", os.environ | NOWHERE) == []


def test_every_status_is_completed() -> None:
    assert completion.statuses() == [*JobStatus]
