"""Real jobs on small real data, for tests of what runs them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import polars as pl

from engine.data.task import infer_task
from engine.resolution import resolve
from service.checkpoints import repository as checkpoints
from service.database.sessions import Database
from service.datasets import repository as datasets
from service.datasets.frame import Frame
from service.datasets.storage import Storage
from service.jobs import repository as jobs
from service.jobs.repository import JobDetail
from service.recipes import recipe_from_json, recipe_to_json
from service.settings import Settings
from service.vocabulary import JobStatus
from service.worker.supervisor import Supervisor

PATIENCE_SECONDS = 120.0
"""How long something that must happen may take on a busy machine."""


class Bench:
    """A database and a storage with one dataset, to which jobs are submitted."""

    def __init__(self, database: Database, folder: Path, rows: int = 200) -> None:
        self.database = database
        self.folder = folder
        self.storage = Storage(str(folder / "datasets"))
        key = self.storage.put(_frame(rows))
        self.task = infer_task(self.storage.table(key), "label")
        with database.write() as session:
            dataset, _ = datasets.create(
                session,
                name="crossed",
                sha256=key,
                storage_key=key,
                source={"kind": "upload", "format": "csv"},
                rows=rows,
                size_bytes=1,
                columns=[],
                task=self.task.to_json(),
            )
        self.dataset_id = dataset.id

    def settings(self, **given: Any) -> Settings:
        """Quick ones: one slot, checkpoints ten times a second."""
        values: dict[str, Any] = {
            "data_dir": self.folder,
            "database_url": self.database.url,
            "slots": 1,
            "threads_per_job": 1,
            "poll_seconds": 0.05,
            "best_checkpoint_seconds": 0.1,
            "last_checkpoint_seconds": 0.1,
            "retry_backoff_seconds": 0.0,
        }
        return Settings(**values | given)

    def submit(self, epochs: int = 20, **given: Any) -> str:
        """Queue a job; the same arguments give the same weights."""
        layers = [{"kind": "dense", "units": 8, "activation": "tanh"}, {"kind": "dropout"}]
        spec: dict[str, Any] = {
            "network": {"layers": layers},
            "training": {"epochs": epochs, "batch_size": 32, "seed": 7},
        }
        recipe = resolve(recipe_from_json(spec | given), self.task)
        with self.database.write() as session:
            job = jobs.create(
                session,
                dataset_id=self.dataset_id,
                spec=recipe_to_json(recipe),
                task=self.task.to_json(),
                epochs=recipe.training.epochs,
            )
        return job.id

    def detail(self, job_id: str) -> JobDetail:
        with self.database.read() as session:
            return jobs.get(session, job_id)

    def wait(self, job_id: str, condition: Callable[[JobDetail], bool]) -> JobDetail:
        """Look again and again until the job is so."""
        pause = Event()
        detail = self.detail(job_id)
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            if condition(detail):
                return detail
            pause.wait(0.01)
            detail = self.detail(job_id)
        raise AssertionError(f"{job_id} stays {detail.job.status} at {detail.job.epoch} epochs")

    def wait_for(self, job_id: str, *statuses: JobStatus) -> JobDetail:
        return self.wait(job_id, lambda detail: detail.job.status in statuses)

    def weights(self, job_id: str) -> str:
        """The digest of the weights that the job ended with."""
        with self.database.read() as session:
            last = checkpoints.last(session, job_id)
        assert last is not None
        return last.weights_sha256

    @contextmanager
    def supervisor(self, **given: Any) -> Iterator[Supervisor]:
        """A running one, stopped at the end."""
        supervisor = Supervisor(self.settings(**given))
        supervisor.start()
        try:
            yield supervisor
        finally:
            supervisor.stop()


def _frame(rows: int) -> Frame:
    """Two columns whose product's sign is the label."""
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(2, rows))
    label = np.where(x * y > 0, "same", "different")
    return Frame(pl.DataFrame({"x": x, "y": y, "label": label}))
