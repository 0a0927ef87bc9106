"""The commands that look into models: checks, importances, landscapes, diagnostics, catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest

from trainyard import Client, Job

BATCH = json.dumps([{"x1": 0.5, "x2": 0.8, "target": 0}, {"x1": 1.2, "x2": -0.4, "target": 1}])


@pytest.fixture(scope="module")
def job(service: Client) -> Job:
    made = service.jobs.create(
        dataset={"kind": "two_moons", "samples": 120, "noise": 0.2},
        network={"layers": [{"kind": "dense", "units": 5, "activation": "tanh"}]},
        training={"epochs": 4, "seed": 7},
        checkpoints={"every": 2},
        diagnostics={"every": 3, "bins": 4},
    )
    return service.jobs.wait(made, timeout=120)


def test_checking_gradients(run: Any, job: Job) -> None:
    got = run("check-gradients", job.id, "-f", "-", text=BATCH)
    assert got.exit_code == 0, got.stderr
    assert "passed" in got.stdout
    assert "10 of 10" in got.stdout.split("layers.0.weight")[1].splitlines()[0]


def test_a_check_that_fails_exits_with_1(run: Any, job: Job) -> None:
    words = ("check-gradients", job.id, "-f", "-", "--tolerance", "1e-300", "--per-block", 2)
    got = run(*words, text=BATCH)
    assert (got.exit_code, "failed" in got.stdout) == (1, True)
    got = run(*words, "--json", text=BATCH)
    told = json.loads(got.stdout)
    assert (got.exit_code, told["passed"], told["blocks"][0]["checked"]) == (1, False, 2)


def test_importances(run: Any, job: Job) -> None:
    got = run("importances", job.id, "--repeats", 3, "--part", "train")
    assert got.exit_code == 0, got.stderr
    assert {"x1", "x2"} <= set(got.stdout.split())
    assert "accuracy" in got.stdout
    words = ("importances", job.id, "-f", "-", "--column", "x2", "--score", "loss", "--json")
    told = json.loads(run(*words, text=BATCH).stdout)
    assert ([i["column"] for i in told["inputs"]], told["rows"]) == (["x2"], 2)


def test_a_line_of_losses(run: Any, job: Job, service: Client) -> None:
    got = run("landscape", job.id, "--resolution", 5, "--seed", 3)
    assert got.exit_code == 0, got.stderr
    positions = [line.split()[0] for line in got.stdout.splitlines()[1:6]]
    assert positions == ["-1", "-0.5", "0", "0.5", "1"]
    assert job.model_id is not None
    toward = {"kind": "checkpoint", "epoch": 2}
    told = json.loads(run("landscape", job.id, "--toward", 2, "--json").stdout)
    assert told == service.models.landscape(job.model_id, directions=toward).model_dump(mode="json")


def test_a_map_of_losses(run: Any, job: Job) -> None:
    got = run("landscape", job.id, "--dimensions", 2, "--resolution", 7)
    lines = got.stdout.splitlines()
    assert {len(line.ljust(14)) for line in lines[:7]} == {14}
    assert "█" in "".join(lines[:7])
    assert lines[7].startswith("from ")


def test_diagnostics(run: Any, job: Job) -> None:
    got = run("diagnostics", job.id)
    assert got.exit_code == 0, got.stderr
    assert got.stdout.startswith("epoch 3")
    assert "0 of 5" in got.stdout.split("layers.0")[1]
    told = json.loads(run("diagnostics", job.id, "--epoch", 3, "--json").stdout)
    assert told["diagnostics"]["layers"][0]["units"] == 5
    got = run("diagnostics", job.id, "--epoch", 4)
    assert (got.exit_code, "was not measured" in got.stderr) == (1, True)


def test_diagnostics_that_nobody_asked_for(run: Any, service: Client) -> None:
    made = service.jobs.create(dataset={"kind": "xor"}, training={"epochs": 1, "seed": 1})
    service.jobs.wait(made, timeout=120)
    got = run("diagnostics", made.id)
    assert (got.exit_code, '"every": 1' in got.stderr) == (1, True)


def test_the_catalogue(run: Any) -> None:
    assert "adam" in run("catalog").stdout
    members = run("catalog", "layer").stdout
    assert "batch_norm" in members
    assert "adam" not in members
    entry = run("catalog", "optimizer", "adam").stdout
    assert "Kingma" in entry
    assert "beta1" in entry
    assert "required" not in entry
    assert json.loads(run("catalog", "optimizer", "adam", "--json").stdout)["kind"] == "adam"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("optimiser",), "did you mean 'optimizer'?"),
        (("optimizer", "adamm"), "adamax"),
        (("adam",), "trainyard catalog optimizer adam"),
    ],
)
def test_what_the_catalogue_does_not_have(run: Any, words: tuple[str, ...], hint: str) -> None:
    got = run("catalog", *words)
    assert (got.exit_code, hint in got.stderr) == (1, True)
