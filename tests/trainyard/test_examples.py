"""Every example runs, and does as well as it says."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from trainyard import Client
from trainyard.cli.files import read_job

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PENGUINS = ROOT / "trainyard" / "demo_data" / "penguins.csv"

AT_LEAST = {
    "diabetes.yaml": ("r2", 0.42),
    "digits.yaml": ("accuracy", 0.97),
    "penguins.yaml": ("accuracy", 0.95),
    "two_moons.yaml": ("accuracy", 0.93),
}


def test_every_example_job_is_here() -> None:
    assert {file.name for file in EXAMPLES.glob("*.yaml")} == set(AT_LEAST)


@pytest.mark.parametrize("name", AT_LEAST)
def test_example_jobs(name: str, service: Client) -> None:
    spec = read_job(EXAMPLES / name)
    if "dataset" not in spec:
        spec["dataset"] = service.datasets.create(file=PENGUINS, target="species").id
    job = service.jobs.wait(service.jobs.create(spec), timeout=120)
    assert job.model_id is not None
    measure, least = AT_LEAST[name]
    assert service.models.evaluate(job.model_id).scores[measure] >= least


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ([sys.executable, "quickstart.py"], "accuracy:"),
        (["bash", "curl.sh"], '"predictions":["Gentoo","Adelie"]'),
    ],
    ids=["python", "curl"],
)
def test_tours(command: list[str], shown: str, environment: dict[str, str]) -> None:
    got = subprocess.run(
        command, cwd=EXAMPLES, env=environment, capture_output=True, text=True, check=False
    )
    assert got.returncode == 0, got.stdout + got.stderr
    assert shown in got.stdout


def run_cell(code: str, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does: what its last line is worth is shown."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "notebook", "exec"), names)
    return eval(ast.unparse(last), names) if last else None


@pytest.mark.usefixtures("environment")
def test_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES)
    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert not any(cell["outputs"] or cell["execution_count"] for cell in cells), "clear it"
    names: dict[str, Any] = {}
    shown = [run_cell("".join(cell["source"]), names) for cell in cells]
    names["client"].close()
    (drawing,) = (each for each in shown if hasattr(each, "_repr_svg_"))
    assert drawing._repr_svg_().count("<polyline") == 2
    (accuracy,) = (each for each in shown if isinstance(each, float))
    assert accuracy >= 0.95
    (probabilities,) = (each for each in shown if isinstance(each, dict))
    assert max(probabilities.items(), key=lambda item: item[1])[0] == "Gentoo"
