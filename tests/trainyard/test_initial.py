"""Warm starts from Python and from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from trainyard import Client
from trainyard.cli import app

JOB = {"dataset": {"kind": "xor", "samples": 64}, "training": {"epochs": 2, "seed": 1}}


def test_from_a_model(service: Client, environment: dict[str, str], tmp_path: Path) -> None:
    first = service.jobs.wait(service.jobs.create(JOB), timeout=60)
    assert first.model_id is not None
    model = service.models.get(first.model_id)
    again = service.jobs.wait(service.jobs.create(JOB, initial=model), timeout=60)
    assert again.initial is not None
    assert again.initial["model"] == first.model_id
    file = tmp_path / "job.json"
    file.write_text(json.dumps(JOB | {"initial": {"checkpoint": "last"}}))
    words = ["train", "-f", str(file), "--from", first.id, "--json"]
    got = CliRunner().invoke(app, words, env=environment)
    assert got.exit_code == 0, got.stderr
    told = json.loads(got.stdout)["initial"]
    assert (told["model"], told["checkpoint"]) == (first.model_id, "last")
