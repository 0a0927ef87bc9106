"""A new metric is its computation and a line in a table: everything else about it follows."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

COMPUTATION = """
def _root_mean_square(sums: Sums) -> float:
    return float(np.sqrt(np.mean(sums.task[1::2] / sums.rows * _scale(sums).scale ** 2)))


METRICS: tuple[Metric, ...] = (
    Metric("rmse", _NUMBERS, larger_is_better=False, value=_root_mean_square),
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a script finds that runs over an engine with one more metric."""
    copy = tmp_path_factory.mktemp("copy")
    unwanted = shutil.ignore_patterns("__pycache__", "node_modules")
    for package in ("engine", "service", "trainyard", "migrations", "tests"):
        shutil.copytree(ROOT / package, copy / package, ignore=unwanted)
    metrics = copy / "engine" / "metrics.py"
    before, head, after = metrics.read_text().partition("\nMETRICS: tuple[Metric, ...] = (\n")
    assert head
    metrics.write_text(before + COMPUTATION + after)
    finished = subprocess.run(
        [sys.executable, "-m", "tests.service.new_metric", str(tmp_path_factory.mktemp("data"))],
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    answer: dict[str, Any] = json.loads(finished.stdout)
    return answer


def test_it_is_measured_stored_and_sent(found: dict[str, Any]) -> None:
    [epoch] = found["epochs"]
    for part in ("train", "validation"):
        assert 0 < epoch[part]["mae"] <= epoch[part]["rmse"]
    assert found["best"] == epoch


def test_a_rule_may_watch_it(found: dict[str, Any]) -> None:
    assert found["stop_reason"] == "target"
    assert found["known"]


def test_tasks_without_it_say_what_they_have(found: dict[str, Any]) -> None:
    [error] = found["refused"]
    assert error["pointer"] == "/stopping/0/metric"
    assert "'rmse'; it has loss, accuracy." in error["message"]


def test_its_client_has_a_column_for_it(found: dict[str, Any]) -> None:
    [row], [epoch] = found["rows"], found["epochs"]
    assert row["train_rmse"] == epoch["train"]["rmse"]
    assert row["validation_rmse"] == epoch["validation"]["rmse"]
