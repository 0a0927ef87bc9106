"""Make a small database with what the service can keep, and write down what the service says of it.

`python -m tests.service.earlier_version FILE` makes an archive of both, `FILE` as in
`tests/service/data/2026-11.zip`. Archives of earlier versions are opened by
`test_earlier_version.py`, whatever has changed since.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
import tempfile
import zipfile
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from service.database import migration
from service.settings import Settings
from tests.plugins.servers import serving

POLLS = 2000
RECORDS = [
    {"x": -1.25, "colour": "red", "open": True},
    {"x": 2.0, "colour": "violet", "open": False},
]
"""Asked of every model; no training row is violet."""


def rows(target: str) -> list[dict[str, Any]]:
    """Sixty rows with numbers, categories and truth values, and one of two targets."""
    found = []
    for i in range(60):
        x, group = i / 10 - 3, i % 3
        y = round(x**2 + group, 3)
        targets = {"y": y, "label": "high" if y > 3 else "low"}
        inputs = {"x": x, "colour": ("red", "green", "blue")[group], "open": i % 2 == 0}
        found.append(inputs | {target: targets[target]})
    return found


def network(activation: str) -> dict[str, Any]:
    dense = {"kind": "dense", "units": 4, "activation": activation}
    return {"layers": [dense, {"kind": "batch_norm"}, {"kind": "dropout", "rate": 0.1}]}


def training(epochs: int, seed: int, **given: Any) -> dict[str, Any]:
    return {"epochs": epochs, "batch_size": 16, "seed": seed} | given


class Filler:
    """Datasets and jobs of every kind, by name."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.jobs: dict[str, str] = {}
        self.datasets = {name: self._dataset(name) for name in ("label", "y")}

    def _post(self, path: str, **body: Any) -> Any:
        answer = self._client.post(path, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    def _dataset(self, target: str) -> str:
        body = {"name": target, "records": rows(target), "target": target}
        return str(self._post("/v1/datasets", **body)["id"])

    def _job(self, name: str, target: str, ends: str, **spec: Any) -> None:
        body = {"name": name, "dataset": self.datasets[target]} | spec
        self.jobs[name] = self._post("/v1/jobs", **body)["id"]
        if ends == "paused":
            self._wait(name, lambda job: job["progress"]["epoch"] > 0)
            self._post(f"/v1/jobs/{self.jobs[name]}/pause")
        self._wait(name, lambda job: job["status"] == ends)

    def _wait(self, name: str, condition: Any) -> None:
        for _ in range(POLLS):
            job = self._client.get(f"/v1/jobs/{self.jobs[name]}").json()
            if condition(job):
                return
            Event().wait(0.02)
        raise AssertionError("it stays as it is")

    def fill(self) -> None:
        holdout = {"kind": "holdout", "fraction": 0.2}
        self._job(
            *("classifier", "label", "succeeded"),
            network=network("tanh"),
            optimizer="adam",
            training=training(8, 7),
            validation=holdout,
            checkpoints={"every": 4, "keep": 2},
            tags=["earlier"],
            metadata={"of": "an earlier version"},
        )
        self._job(
            *("regression", "y", "succeeded"),
            network=network("relu"),
            optimizer={"kind": "sgd", "momentum": 0.9, "learning_rate": 0.01},
            schedule={"kind": "cosine"},
            training=training(6, 7, precision="float64"),
            stopping=[{"kind": "early_stopping", "patience": 20}],
            validation=holdout,
            diagnostics={"every": 2},
        )
        self._job(
            *("folds", "label", "succeeded"),
            network=network("gelu"),
            training=training(3, 1),
            validation={"kind": "k_fold", "folds": 3},
        )
        classifier = self._client.get(f"/v1/jobs/{self.jobs['classifier']}").json()
        self._job(
            *("started from a model", "label", "succeeded"),
            network=network("tanh"),
            training=training(2, 2),
            initial={"model": classifier["model_id"]},
        )
        self._job(
            *("diverged", "y", "failed"),
            network=network("relu"),
            optimizer={"kind": "sgd", "learning_rate": 1e6},
            training=training(20, 3),
        )
        self._job(
            *("paused", "y", "paused"),
            network=network("silu"),
            optimizer="adam",
            training=training(1_000_000, 4),
            validation=holdout,
        )


def what_is_said(client: httpx.Client) -> dict[str, Any]:
    """Everything that reading requests answer, by path, and what all models predict."""

    def get(path: str) -> Any:
        answer = client.get(path, headers={"Accept": "application/json"})
        assert answer.is_success, answer.text
        return answer.json()

    jobs = [job["id"] for job in get("/v1/jobs?limit=200")["data"]]
    models = [model["id"] for model in get("/v1/models?limit=200")["data"]]
    paths = ["/v1/jobs", "/v1/models", "/v1/datasets"]
    for job_id in jobs:
        paths.append(f"/v1/jobs/{job_id}")
        paths += [f"/v1/jobs/{job_id}/{part}" for part in ("epochs", "checkpoints", "events")]
        if get(f"/v1/jobs/{job_id}")["spec"]["validation"].get("kind") == "k_fold":
            paths.append(f"/v1/jobs/{job_id}/folds")
    paths += [f"/v1/models/{model_id}" for model_id in models]
    paths += [f"/v1/datasets/{each['id']}" for each in get("/v1/datasets")["data"]]
    predictions, weights = {}, {}
    for model_id in models:
        answer = client.post(f"/v1/models/{model_id}/predictions", json={"records": RECORDS})
        assert answer.is_success, answer.text
        predictions[model_id] = answer.json()
        content = client.get(f"/v1/models/{model_id}/weights").content
        weights[model_id] = hashlib.sha256(content).hexdigest()
    said = {path: get(path) for path in paths}
    return {"get": said, "predictions": predictions, "weights": weights}


def main(archive: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(data_dir=folder / "data", slots=1)
        settings.data_dir.mkdir()
        migration.upgrade(settings.resolved_database_url)
        with serving(settings, worker=True) as served:
            Filler(served.client).fill()
            answers = what_is_said(served.client)
        (folder / "answers.json").write_text(json.dumps(answers, indent=1, sort_keys=True))
        with sqlite3.connect(settings.data_dir / "trainyard.sqlite3") as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("PRAGMA journal_mode=DELETE")
        database.close()
        archive.parent.mkdir(exist_ok=True)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                opened.write(file, file.relative_to(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
