"""The command line against a real service: what it prints where, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from tests.trainyard.cli.processes import start
from trainyard import Client, Job
from trainyard.cli import app

PENGUINS = Path(__file__).parents[2] / "trainyard" / "demo_data" / "penguins.csv"
JOB: dict[str, Any] = {
    "name": "small",
    "network": {"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}]},
    "training": {"epochs": 10, "batch_size": 16, "seed": 7},
}
ENDLESS = JOB | {"dataset": "two_moons", "training": {"epochs": 100_000, "batch_size": 1}}


@pytest.fixture
def run(environment: dict[str, str]) -> Any:
    def invoke(*words: object, text: str | None = None) -> Result:
        env = environment | {"COLUMNS": "200"}
        return CliRunner().invoke(app, [str(word) for word in words], env=env, input=text)

    return invoke


def job_file(folder: Path, **changes: Any) -> Path:
    file = folder / "job.yaml"
    file.write_text(yaml.safe_dump(JOB | changes))
    return file


@pytest.fixture(scope="module")
def penguins(service: Client) -> Job:
    data = service.datasets.create(file=PENGUINS, target="species")
    return service.jobs.wait(service.jobs.create(JOB, dataset=data), timeout=60)


@pytest.fixture
def endless(service: Client) -> Iterator[Job]:
    job = service.jobs.create(ENDLESS)
    yield job
    service.jobs.cancel(job)
    service.jobs.wait(job, timeout=60)


def test_training_on_an_uploaded_file(run: Any, tmp_path: Path) -> None:
    got = run("train", "-f", job_file(tmp_path), "--data", PENGUINS, "--target", "species")
    assert got.exit_code == 0, got.output
    assert "succeeded (completed)" in got.stdout
    assert "mdl_" in got.stdout
    assert "epoch 10/10  loss" in got.stderr
    assert "samples/s  ETA 0:00" in got.stderr
    assert "epoch 10/10" not in got.stdout


def test_json_is_all_there_is_on_stdout(run: Any, tmp_path: Path) -> None:
    got = run("train", "-f", job_file(tmp_path, dataset={"kind": "iris"}), "--json")
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout)["status"] == "succeeded"


def test_a_job_from_stdin_without_waiting(run: Any, service: Client) -> None:
    got = run("train", "-f", "-", "--detach", "--json", text=json.dumps(JOB | {"dataset": "iris"}))
    assert got.exit_code == 0, got.output
    assert service.jobs.wait(json.loads(got.stdout)["id"], timeout=60).status == "succeeded"


def test_a_plan_makes_nothing(run: Any, tmp_path: Path, service: Client) -> None:
    before = service.jobs.list()[0].id
    got = run("train", "-f", job_file(tmp_path, dataset={"kind": "digits"}), "--plan")
    assert got.exit_code == 0, got.output
    assert "610 parameters" in got.stdout
    assert service.jobs.list()[0].id == before


def test_a_wrong_job_is_told_where(run: Any, tmp_path: Path) -> None:
    file = job_file(tmp_path, dataset="iris", optimizer={"kind": "adam", "learning_rate": -1})
    got = run("train", "-f", file)
    assert got.exit_code == 1
    assert "/optimizer/learning_rate" in got.stderr
    assert got.stdout == ""


def test_a_wrong_job_is_told_to_programs(run: Any, tmp_path: Path) -> None:
    got = run("train", "-f", job_file(tmp_path, dataset="iris", colour="red"), "--json")
    assert got.exit_code == 1
    problem = json.loads(got.stderr)
    assert problem["error"] == "Invalid"
    assert problem["errors"][0]["pointer"] == "/colour"


def test_a_job_without_data(run: Any, tmp_path: Path) -> None:
    job = tmp_path / "job.yaml"
    job.write_text("network: {layers: []}")
    got = run("train", "-f", job)
    assert (got.exit_code, "--data" in got.stderr) == (2, True)


def test_a_diverging_job_fails(run: Any, tmp_path: Path) -> None:
    wild = {"kind": "sgd", "learning_rate": 1e6}
    linear = {"layers": [{"kind": "dense", "units": 8, "activation": "linear"}]}
    changes = {"dataset": "diabetes", "optimizer": wild, "network": linear}
    got = run("train", "-f", job_file(tmp_path, **changes))
    assert got.exit_code == 1
    assert "failed" in got.stdout
    assert "diverged: " in got.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["train"],
        ["train", "-f", "no-such-file.yaml"],
        ["train", "-f", "-", "--target", "species"],
        ["train", "-f", "-", "--data", "no-such-file.csv"],
        ["predict", "mdl_1"],
        ["watch"],
        ["watch", "job_1", "--url", "localhost:8000"],
        ["nonsense"],
        ["serve", "--port", "70000"],
    ],
    ids=" ".join,
)
def test_wrong_usage(run: Any, words: list[str]) -> None:
    got = run(*words, text="name: a")
    assert got.exit_code == 2
    assert "Error" in got.stderr


def test_no_service(run: Any) -> None:
    got = run("watch", "job_1", "--url", "http://127.0.0.1:9")
    assert got.exit_code == 1
    assert "trainyard serve" in got.stderr


def test_watching_a_job_that_has_ended(run: Any, penguins: Job) -> None:
    got = run("watch", penguins.id)
    assert got.exit_code == 0, got.output
    assert "epoch 10/10" in got.stderr
    assert penguins.id in got.stdout


def test_watching_no_job(run: Any) -> None:
    got = run("watch", "job_01JD3W8YQ4N9T5V7Z2X6C1B0MA")
    assert got.exit_code == 1
    assert "404" in got.stderr


def test_cancelling(run: Any, endless: Job, service: Client) -> None:
    assert run("cancel", endless.id).exit_code == 0
    assert service.jobs.wait(endless, timeout=60).status == "cancelled"


def test_predicting_a_csv(run: Any, penguins: Job, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("".join(PENGUINS.read_text().splitlines(keepends=True)[:5]))
    for model in (penguins.model_id, penguins.id):
        got = run("predict", model, "-f", file)
        assert got.exit_code == 0, got.output
        lines = got.stdout.splitlines()
        assert lines[0].split() == ["row", "species", "p(Adelie)", "p(Chinstrap)", "p(Gentoo)"]
        assert len(lines) == 5


def test_predicting_for_programs(run: Any, penguins: Job) -> None:
    columns = PENGUINS.read_text().splitlines()[0].split(",")[1:]
    rows = json.dumps([dict.fromkeys(columns)])
    got = run("predict", penguins.model_id, "-f", "-", "--json", text=rows)
    assert got.exit_code == 0, got.output
    assert json.loads(got.stdout)["target"] == "species"


def test_more_rows_than_one_call_takes(run: Any, penguins: Job) -> None:
    columns = PENGUINS.read_text().splitlines()[0].split(",")[1:]
    rows = json.dumps([dict.fromkeys(columns)] * 10_001)
    got = run("predict", penguins.model_id, "-f", "-", "--json", text=rows)
    answer = json.loads(got.stdout)
    assert len(answer["predictions"]) == len(answer["probabilities"]) == 10_001


def test_predicting_wrong_rows(run: Any, penguins: Job) -> None:
    got = run("predict", penguins.model_id, "-f", "-", text='[{"island": "Dream"}]')
    assert got.exit_code == 1
    assert "bill_length_mm" in got.stderr


@pytest.mark.parametrize("words", [[], ["train"], ["predict"], ["serve"], ["db", "upgrade"]])
def test_help_has_examples(run: Any, words: list[str]) -> None:
    got = run(*words, "--help")
    assert got.exit_code == 0
    assert "trainyard" in got.stdout
    assert not words or "Examples:" in got.stdout


def test_help_loads_nothing_heavy() -> None:
    heavy = {"engine", "service", "httpx", "numpy", "pydantic", "rich", "yaml"}
    program = (
        "import sys\nfrom trainyard.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print(sorted({heavy!r} & set(sys.modules)), file=sys.stderr)\n"
    )
    got = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert got.stderr.strip() == "[]"


def test_the_version(run: Any) -> None:
    got = run("--version")
    assert got.exit_code == 0
    assert got.stdout.startswith("trainyard ")


def test_as_a_real_process(environment: dict[str, str], tmp_path: Path) -> None:
    file = job_file(tmp_path, dataset={"kind": "iris"})
    process = start("train", "-f", str(file), env=environment | {"FORCE_COLOR": "1"})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "\x1b[" in out
    process = start("train", "-f", str(file), env=environment | {"NO_COLOR": "1"})
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "\x1b[" not in out + err


def test_an_interrupt_ends_the_watching_but_not_the_job(
    environment: dict[str, str], endless: Job, service: Client
) -> None:
    process = start("watch", endless.id, env=environment)
    assert process.stderr is not None
    assert "epoch" in process.stderr.readline()  # whichever it has come to
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"trainyard cancel {endless.id}" in err
    assert out == ""
    assert service.jobs.get(endless).status == "running"


def test_the_openapi_description(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRAINYARD_")}
    file = tmp_path / "openapi.json"
    process = start("openapi", "--output", str(file), env=env)
    assert process.wait(60) == 0
    process.communicate()
    assert json.loads(file.read_text())["openapi"].startswith("3.")
