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


def test_scores_out_of_fold(job: Job, environment: dict[str, str]) -> None:
    told = job.evaluate_out_of_fold(answers=5)
    assert (told.rows, told.folds) == (60, 3)
    assert told.answers is not None
    assert len(told.answers["predictions"]) == 5
    right = [row.truth == row.prediction for row in job.all_out_of_fold()]
    assert told.scores["accuracy"] == sum(right) / 60
    invoke = CliRunner().invoke
    for name in (job.id, job.model_id):
        got = invoke(app, ["evaluate", str(name), "--out-of-fold", "--json"], env=environment)
        assert got.exit_code == 0, got.stderr
        assert json.loads(got.stdout)["scores"] == told.scores
    mixed = invoke(app, ["evaluate", job.id, "--out-of-fold", "--part", "train"], env=environment)
    assert (mixed.exit_code, "--out-of-fold" in mixed.stderr) == (2, True)


def test_watching_tells_the_fold(job: Job, environment: dict[str, str]) -> None:
    got = CliRunner().invoke(app, ["watch", job.id], env=environment)
    assert got.exit_code == 0, got.stderr
    assert "epoch 5/12  fold 2" in got.stderr
    assert "epoch 12/12  loss" in got.stderr


def test_a_job_without_folds(service: Client, environment: dict[str, str]) -> None:
    made = service.jobs.create(dataset={"kind": "xor"}, training={"epochs": 1, "seed": 1})
    got = CliRunner().invoke(app, ["folds", made.id], env=environment)
    assert (got.exit_code, "k_fold" in got.stderr) == (1, True)
    got = CliRunner().invoke(app, ["evaluate", made.id, "--out-of-fold"], env=environment)
    assert (got.exit_code, "k_fold" in got.stderr) == (1, True)
