"""Datasets from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from trainyard import Client

PENGUINS = Path(__file__).parents[3] / "trainyard" / "demo_data" / "penguins.csv"

Run = Callable[..., Result]


def test_from_a_file_to_its_end(run: Run, service: Client) -> None:
    added = run("datasets", "add", PENGUINS, "--target", "species", "--name", "birds")
    assert added.exit_code == 0, added.output
    dataset = added.stdout.strip()
    assert "344 rows" in added.stderr
    assert "species (multiclass)" in added.stderr
    assert dataset in run("datasets", "list").stdout
    shown = run("datasets", "show", dataset).stdout
    assert "birds" in shown
    assert "flipper_length_mm" in shown
    rows = run("datasets", "rows", dataset, "--offset", 3, "-n", 2)
    assert [line.split()[0] for line in rows.stdout.splitlines()] == ["row", "3", "4"]
    assert "rows 3 to 4 of 344" in rows.stderr
    assert run("datasets", "delete", dataset, "--yes").exit_code == 0
    assert dataset not in {each.id for each in service.datasets.list()}


def test_rows_can_be_predicted(run: Run, service: Client) -> None:
    dataset = service.datasets.create(builtin="iris")
    job = service.jobs.wait(service.jobs.create(dataset=dataset, training={"epochs": 2}))
    rows = run("datasets", "rows", dataset.id, "-n", 3, "--json").stdout
    got = run("predict", job.id, "-f", "-", "--json", text=rows)
    assert len(json.loads(got.stdout)["predictions"]) == 3


def test_from_stdin(run: Run) -> None:
    text = "a,b,both\n0,1,0\n1,1,1\n1,0,0\n"
    got = run("datasets", "add", "-", "--target", "both", "--name", "and", "--json", text=text)
    assert got.exit_code == 0, got.output
    told = json.loads(got.stdout)
    assert (told["name"], told["rows"], told["task"]["target"]) == ("and", 3, "both")


def test_built_in_with_settings(run: Run) -> None:
    got = run("datasets", "add", "--builtin", "two_moons:samples=123,noise=0.3", "--json")
    assert json.loads(got.stdout)["rows"] == 123


@pytest.mark.parametrize(
    "words",
    [
        ["add"],
        ["add", "no-such-file.csv"],
        ["add", str(PENGUINS), "--builtin", "iris"],
        ["add", str(PENGUINS), "--image", "large"],
        ["add", "--builtin", "two_moons:samples"],
        ["delete", "ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"],
    ],
    ids=" ".join,
)
def test_wrong_usage(run: Run, words: list[str]) -> None:
    got = run("datasets", *words)
    assert got.exit_code == 2
    assert "Error" in got.stderr


def test_one_in_use_is_kept(run: Run, service: Client) -> None:
    job = service.jobs.create(dataset="wine", training={"epochs": 1}, paused=True)
    assert job.dataset is not None
    got = run("datasets", "delete", job.dataset.id, "--yes")
    assert got.exit_code == 1
    assert "409" in got.stderr
    service.jobs.cancel(job)
