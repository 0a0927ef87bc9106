"""What commands are about: jobs, a model, a dataset and files, made on a real service."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainyard import Client, Job

DATA = {"kind": "two_moons", "samples": 60, "noise": 0.1}
SPEC: dict[str, Any] = {
    "name": "moons",
    "dataset": DATA,
    "network": {"layers": [{"kind": "dense", "units": 4, "activation": "tanh"}]},
    "training": {"epochs": 4, "batch_size": 16, "seed": 7},
}


@dataclass(frozen=True)
class Things:
    """Ids and files to be named on a command line."""

    service: Client
    folder: Path
    job: Job
    folds: Job
    dataset: str

    @property
    def spec(self) -> Path:
        """A job that is there to be started."""
        return self._written("job.json", SPEC)

    @property
    def rows(self) -> Path:
        """A few rows with their answers."""
        return self._written("rows.json", self.service.datasets.rows(self.dataset, limit=5).data)

    @property
    def weights(self) -> Path:
        """An exported model."""
        file = self.folder / "model.safetensors"
        file.write_bytes(self.service.models.weights(self.job.model_id or ""))
        return file

    def paused(self) -> str:
        """A job that waits to be told to go on."""
        return self.service.jobs.create(SPEC, paused=True).id

    def cancelled(self) -> str:
        """A job that has ended, and that nobody needs."""
        return self.service.jobs.cancel(self.paused()).id

    def spare(self) -> str:
        """A dataset that nobody needs."""
        rows = [{"x": 1.0, "y": 2.0}, {"x": 2.0, "y": 3.0}]
        return self.service.datasets.create(rows=rows, target="y").id

    def _written(self, name: str, content: object) -> Path:
        file = self.folder / name
        file.write_text(json.dumps(content))
        return file


def made(service: Client, folder: Path) -> Things:
    """Everything, trained to its end."""
    job = service.jobs.create(SPEC, diagnostics={"every": 1}, tags=["measured"])
    folds = service.jobs.create(SPEC, validation={"kind": "k_fold", "folds": 2})
    return Things(
        service,
        folder,
        job=service.jobs.wait(job, timeout=120),
        folds=service.jobs.wait(folds, timeout=120),
        dataset=service.datasets.create(builtin=DATA).id,
    )
