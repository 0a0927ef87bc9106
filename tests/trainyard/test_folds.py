"""Cross-validation from Python and from the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from trainyard import Client, Job
from trainyard.cli import app


@pytest.fixture(scope="module")
def job(service: Client) -> Job:
    made = service.jobs.create(
        dataset={"kind": "two_moons", "samples": 60},
        training={"epochs": 3, "seed": 7},
        validation={"kind": "k_fold", "folds": 3},
    )
    return service.jobs.wait(made, timeout=120)


def test_folds_and_what_they_predict(service: Client, job: Job) -> None:
    told = service.jobs.folds(job)
    assert (told.folds, [fold.validation_rows for fold in told.data]) == (3, [20, 20, 20])
    assert told.validation["accuracy"].mean is not None
    assert sorted(row.row for row in job.all_out_of_fold()) == list(range(60))
    rows = service.jobs.out_of_fold(job, offset=15, limit=10)
    assert ([row.fold for row in rows.data], rows.total) == ([1] * 5 + [2] * 5, 60)
    assert {epoch.fold for epoch in service.jobs.epochs(job, fold=2)} == {2}


def test_the_command(job: Job, environment: dict[str, str]) -> None:
    got = CliRunner().invoke(app, ["folds", job.id], env=environment | {"COLUMNS": "150"})
    assert got.exit_code == 0, got.stderr
    assert "mean" in got.stdout
    assert "3 of 3 folds have ended" in got.stdout
    as_json = CliRunner().invoke(app, ["folds", job.id, "--json"], env=environment)
    assert len(json.loads(as_json.stdout)["data"]) == 3


def test_watching_tells_the_fold(job: Job, environment: dict[str, str]) -> None:
    got = CliRunner().invoke(app, ["watch", job.id], env=environment)
    assert got.exit_code == 0, got.stderr
    assert "epoch 5/12  fold 2" in got.stderr
    assert "epoch 12/12  loss" in got.stderr


def test_a_job_without_folds(service: Client, environment: dict[str, str]) -> None:
    made = service.jobs.create(dataset={"kind": "xor"}, training={"epochs": 1, "seed": 1})
    got = CliRunner().invoke(app, ["folds", made.id], env=environment)
    assert (got.exit_code, "k_fold" in got.stderr) == (1, True)
