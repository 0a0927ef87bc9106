"""Rows to test with: a dataset, a job, an attempt, each made through the repositories."""

from typing import Any

from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.checkpoints.repository import NewCheckpoint
from service.database.tables import Checkpoint, Dataset, Job
from service.datasets import repository as datasets
from service.epochs.repository import NewEpoch, Progress
from service.jobs import repository as jobs
from service.lifecycle import leases
from service.lifecycle.leases import Lease
from service.models import repository as models
from service.models.repository import NewModel

TASK: dict[str, Any] = {"kind": "regression", "target": "y", "classes": []}
SPEC: dict[str, Any] = {"training": {"epochs": 10}}
MODEL = NewModel(preprocessor={"columns": []})
PROGRESS = Progress(epoch=1, fraction=0.1)


def add_dataset(session: Session, content: str = "a") -> Dataset:
    dataset, _ = datasets.create(
        session,
        name="a dataset",
        sha256=content * 64,
        storage_key=content * 64,
        source={"kind": "upload", "format": "csv"},
        rows=10,
        size_bytes=1000,
        columns=[{"name": "y", "kind": "float"}],
        task=TASK,
    )
    return dataset


def add_job(session: Session, **given: Any) -> Job:
    dataset = add_dataset(session)
    values: dict[str, Any] = {"dataset_id": dataset.id, "spec": SPEC, "task": TASK, "epochs": 10}
    return jobs.create(session, **values | given)


def claim(session: Session, owner: str = "a worker") -> Lease:
    lease = leases.claim(session, owner, 30.0)
    assert lease is not None
    return lease


def epoch(number: int, loss: float = 0.5, **given: Any) -> NewEpoch:
    values: dict[str, Any] = {
        "train": {"loss": loss},
        "validation": {"loss": loss},
        "learning_rate": 0.1,
        "seconds": 0.01,
        "samples": 8,
        "improved": False,
    }
    return NewEpoch(epoch=number, **values | given)


def checkpoint(number: int, state: bytes | None = None, **roles: Any) -> NewCheckpoint:
    return NewCheckpoint(
        epoch=number,
        step=10 * number,
        state=state if state is not None else b"state %d" % number,
        weights_sha256="f" * 64,
        **roles,
    )


def save_checkpoint(session: Session, lease: Lease, new: NewCheckpoint, keep: int) -> Checkpoint:
    """Write a checkpoint and let the job's model follow it, as workers do."""
    checkpoint = checkpoints.save(session, lease, new, keep=keep)
    models.follow(session, checkpoint, MODEL)
    return checkpoint
