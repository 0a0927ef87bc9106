"""Models taken out and brought in, in Python and on the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from typer.testing import Result

from trainyard import Client
from trainyard.errors import Conflict, Invalid

JOB = {"dataset": "iris", "training": {"epochs": 3, "seed": 1}}
FLOWERS = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]


def test_out_to_a_file_and_in_again(
    run: Callable[..., Result], service: Client, tmp_path: Path
) -> None:
    job = service.jobs.wait(service.jobs.create(JOB))
    file = tmp_path / "iris.safetensors"
    got = run("export", job.id, "-o", file, "--json")
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout)["bytes"] == file.stat().st_size
    got = run("import", file, "--name", "flowers")
    assert got.exit_code == 0, got.output
    model = service.models.get(got.stdout.strip())
    assert (model.name, model.job_id) == ("flowers", None)
    assert job.model_id is not None
    told = [service.predictions.create(each, FLOWERS) for each in (job.model_id, model)]
    assert told[0].probabilities == told[1].probabilities
    with pytest.raises(Conflict):
        service.models.delete(job.model_id)
    service.models.delete(model)
    assert run("export", model.id).exit_code == 1


def table(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as opened:
        return [*csv.DictReader(opened)]


def text(value: float | None) -> str:
    return "" if value is None else str(value)


def test_curves_of_every_fold(run: Callable[..., Result], service: Client, tmp_path: Path) -> None:
    file = tmp_path / "curves.csv"
    job = service.jobs.wait(service.jobs.create(JOB, validation={"kind": "k_fold", "folds": 2}))
    got = run("export", job.id, "--curves", file, "--json")
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout) == {"job_id": job.id, "file": str(file), "epochs": 9}
    for row, epoch in zip(table(file), service.jobs.epochs(job), strict=True):
        assert (row["fold"], row["epoch"]) == (str(epoch.fold), str(epoch.epoch))
        assert row["train_loss"] == text(epoch.train["loss"])
        assert row["validation_accuracy"] == text((epoch.validation or {}).get("accuracy"))
        assert row["learning_rate"] == text(epoch.learning_rate)
    by_model = tmp_path / "model.csv"
    assert "9 epochs" in run("export", job.model_id, "--curves", by_model).stdout
    assert by_model.read_bytes() == file.read_bytes()


def test_curves_that_cannot_be_had(
    run: Callable[..., Result], service: Client, tmp_path: Path
) -> None:
    model = service.models.create(
        weights={"output.weight": [[2.0]], "output.bias": [0.5]},
        definition={"inputs": [{"name": "a"}], "target": "y"},
    )
    got = run("export", model.id, "--curves", tmp_path / "curves.csv")
    assert got.exit_code == 1
    assert "imported" in got.stderr
    job = service.jobs.create(JOB).id
    got = run("export", job, "--curves", tmp_path / "no-folder" / "curves.csv")
    assert got.exit_code == 2
    assert "--curves" in got.stderr
    both = ["--curves", tmp_path / "curves.csv", "--output", tmp_path / "net.safetensors"]
    assert run("export", job, *both).exit_code == 2
    assert [*tmp_path.iterdir()] == []


def test_weights_of_others(run: Callable[..., Result], tmp_path: Path) -> None:
    file, definition = tmp_path / "torch.safetensors", tmp_path / "network.yaml"
    arrays = {"output.weight": np.ones((1, 2), np.float32), "output.bias": np.zeros(1, np.float32)}
    file.write_bytes(safetensors.numpy.save(arrays))
    assert "send a definition" in run("import", file).stderr
    definition.write_text("inputs: [{name: a}, {name: b}]\ntarget: sum\n")
    got = run("import", file, "--definition", definition, "--json")
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout)["task"]["kind"] == "regression"
    assert run("import", tmp_path / "nothing").exit_code == 2


def test_given_weights(service: Client) -> None:
    model = service.models.create(
        weights={"output.weight": np.array([[2.0, -1.0]]), "output.bias": [0.5]},
        definition={"inputs": [{"name": "a"}, {"name": "b"}], "target": "y"},
    )
    assert service.predictions.create(model, [[1, 1], [0, 2]]).predictions == [1.5, -1.5]
    with pytest.raises(Invalid, match="missing"):
        service.models.create(
            weights={"output.bias": [0.5]},
            definition={"inputs": [{"name": "a"}], "target": "y"},
        )
    with pytest.raises(TypeError):
        service.models.create(weights={}, content=b"")
