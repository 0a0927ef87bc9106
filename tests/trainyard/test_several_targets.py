"""Several targets in Python and on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import Result

from trainyard import Client

CSV = "height,width,tall,wide\n" + "".join(
    f"{a},{b},{str(a > 5).lower()},{str(b > 5).lower()}\n"
    for a in range(1, 11)
    for b in range(1, 11)
)
JOB = {
    "network": {"layers": [{"kind": "dense", "units": 6, "activation": "tanh"}]},
    "optimizer": {"kind": "adam", "learning_rate": 0.05},
    "training": {"epochs": 30, "batch_size": 10, "seed": 1},
}


def test_from_a_file_to_predictions(
    run: Callable[..., Result], service: Client, tmp_path: Path
) -> None:
    data, recipe, rows = (tmp_path / name for name in ("sizes.csv", "job.json", "rows.csv"))
    data.write_text(CSV)
    recipe.write_text(json.dumps(JOB))
    rows.write_text("height,width\n1,1\n10,1\n10,10\n")
    got = run(
        *("train", "-f", recipe, "--data", data, "--json"),
        *("--target", "tall", "--target", "wide"),
    )
    assert got.exit_code == 0, got.output
    job = service.jobs.get(json.loads(got.stdout)["id"])
    assert job.target is None
    assert job.targets == ["tall", "wide"]
    assert job.model_id is not None
    shown = run("predict", job.model_id, "-f", rows)
    assert shown.exit_code == 0, shown.output
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert lines[0] == ["row", "tall", "wide", "p(tall=True)", "p(wide=True)"]
    answers = [line[1:3] for line in lines[1:4]]
    assert answers == [["False", "False"], ["True", "False"], ["True", "True"]]
    labelled = tmp_path / "labelled.csv"
    labelled.write_text("\n".join(CSV.splitlines()[:20]))
    assert run("check-gradients", job.model_id, "-f", labelled).exit_code == 0


def test_rows_with_several_targets(service: Client) -> None:
    rows = [{"a": a, "b": a * 0.5, "c": a * a + 0.25} for a in range(20)]
    dataset = service.datasets.create(rows=rows, target=["b", "c"])
    assert dataset.task is not None
    assert dataset.task.targets == ["b", "c"]
    job = service.jobs.wait(service.jobs.create(JOB | {"dataset": dataset.id}))
    assert job.model_id is not None
    answers = service.predictions.create(job.model_id, [{"a": 3}])
    assert answers.targets == ["b", "c"]
    (answer,) = answers.predictions
    assert isinstance(answer, list)
    assert abs(float(answer[0]) - 1.5) < 1
    told = service.models.evaluate(job.model_id, dataset=dataset)
    assert [each["target"] for each in told.scores["per_target"]] == ["b", "c"]
