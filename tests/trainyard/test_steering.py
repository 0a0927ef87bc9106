"""Pausing, resuming and advancing from Python and from the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from trainyard import Client, Job
from trainyard.cli import app


@pytest.fixture
def job(service: Client) -> Job:
    return service.jobs.create(
        dataset={"kind": "two_moons", "samples": 60},
        training={"epochs": 5, "batch_size": 12, "seed": 7},
        paused=True,
    )


def test_by_epochs_and_by_steps(service: Client, job: Job) -> None:
    service.jobs.advance(job, steps=6)
    now = service.jobs.wait(job, paused=True, timeout=60)
    assert (now.status, now.progress.epoch) == ("paused", 1)
    service.jobs.advance(job, epochs=2)
    assert service.jobs.wait(job, paused=True, timeout=60).progress.epoch == 3
    service.jobs.resume(job)
    assert service.jobs.wait(job, paused=True, timeout=60).status == "succeeded"


def test_the_commands(job: Job, environment: dict[str, str]) -> None:
    got = CliRunner().invoke(app, ["advance", job.id], env=environment)
    assert got.exit_code == 0, got.stderr
    assert f"{job.id}  paused  epoch 1/5 (20.0%), loss" in got.stdout
    got = CliRunner().invoke(app, ["advance", job.id, "--steps", "2", "--json"], env=environment)
    assert json.loads(got.stdout)["progress"]["epoch"] == 1
    got = CliRunner().invoke(app, ["resume", job.id], env=environment)
    assert (got.exit_code, "queued" in got.stdout) == (0, True)


def test_pausing(service: Client, environment: dict[str, str]) -> None:
    endless = service.jobs.create(
        dataset={"kind": "two_moons", "samples": 2000},
        training={"epochs": 100_000, "batch_size": 1, "seed": 7},
    )
    got = CliRunner().invoke(app, ["pause", endless.id], env=environment)
    assert got.exit_code == 0, got.stderr
    assert service.jobs.wait(endless, paused=True, timeout=60).status == "paused"
    service.jobs.cancel(endless)


def test_epochs_or_steps(job: Job, environment: dict[str, str]) -> None:
    words = ["advance", job.id, "--steps", "2", "--epochs", "1"]
    got = CliRunner().invoke(app, words, env=environment)
    assert got.exit_code == 2
