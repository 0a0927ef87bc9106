"""How good a model is, and what it is, on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from trainyard import Client
from trainyard.results import Job

L1 = {"kind": "l1", "strength": 0.05}


@pytest.fixture(scope="module")
def flowers(service: Client) -> Job:
    job = {"dataset": "iris", "regularizers": [L1], "training": {"epochs": 20, "seed": 1}}
    return service.jobs.wait(service.jobs.create(job))


def test_scores_of_classes(run: Callable[..., Result], flowers: Job) -> None:
    got = run("evaluate", flowers.id)
    assert got.exit_code == 0, got.output
    words = [line.split() for line in got.stdout.splitlines()]
    assert ["label", "precision", "recall", "f1", "support"] in words
    assert words[-1] == ["30", "rows"]
    told = json.loads(run("evaluate", flowers.id, "--part", "validation", "--json").stdout)
    confusion = told["scores"]["confusion_matrix"]
    assert {"macro", "weighted"} <= {line[0] for line in words if line}
    table = [line[1:] for line in words[-5:-2]]
    assert [[int(cell) for cell in line] for line in table] == confusion
    assert ["accuracy", f"{told['scores']['accuracy']:.4g}"] in words


def test_scores_of_several_numbers(run: Callable[..., Result], service: Client) -> None:
    job = service.jobs.wait(service.jobs.create({"dataset": "linnerud", "training": {"epochs": 2}}))
    got = run("evaluate", job.id, "--part", "train")
    assert got.exit_code == 0, got.output
    lines = [line.split() for line in got.stdout.splitlines() if line.split()]
    assert ["target", "mse", "mae", "rmse", "r2"] in lines
    assert {"weight", "waist", "pulse"} <= {line[0] for line in lines}


def test_what_a_model_is(run: Callable[..., Result], flowers: Job, service: Client) -> None:
    got = run("model", flowers.id)
    assert got.exit_code == 0, got.output
    assert "target (multiclass)" in got.stdout
    assert flowers.id in got.stdout
    assert flowers.model_id is not None
    sparsity = service.models.get(flowers.model_id).sparsity
    assert sparsity is not None
    assert f"{sparsity.share:.1%}" in got.stdout
    assert json.loads(run("model", flowers.id, "--json").stdout)["id"] == flowers.model_id


def test_the_gap_is_between_the_losses(flowers: Job) -> None:
    assert flowers.latest is not None
    train, validation = flowers.latest.train["loss"], flowers.latest.validation
    assert validation is not None
    assert train is not None
    assert validation["loss"] is not None
    assert flowers.latest.gap == validation["loss"] - train
