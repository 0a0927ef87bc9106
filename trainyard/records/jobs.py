"""Jobs: what was asked for, how far they are, and the checkpoints that they keep."""

from datetime import datetime
from typing import Any

from pydantic import Field

from trainyard.records.base import Result
from trainyard.records.epochs import Epoch

__all__ = [
    "TERMINAL",
    "Checkpoint",
    "DatasetReference",
    "JobError",
    "JobRecord",
    "Layer",
    "Plan",
    "Progress",
]

TERMINAL = frozenset({"succeeded", "failed", "cancelled"})


class JobError(Result):
    """Why a job failed: ``type`` is a word such as ``diverged`` or ``worker_lost``."""

    type: str
    detail: str = ""
    epoch: int | None = None
    step: int | None = None
    layer: str | None = None


class Progress(Result):
    """How far a job is; ``fraction`` of all its epochs."""

    epoch: int = 0
    epochs: int = 0
    fraction: float = 0.0
    eta_seconds: float | None = None
    samples_per_second: float | None = None


class DatasetReference(Result):
    """The data that a job trains on, by id (``None`` once it is deleted) and by content."""

    id: str | None = None
    sha256: str


class JobRecord(Result):
    """A training job: what was asked for (``spec``, resolved), and how it is getting on."""

    id: str
    status: str
    name: str | None = None
    tags: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)
    pending_action: str | None = None
    advance_to: dict[str, int | None] | None = None
    attempt: int = 0
    spec: dict[str, Any] = Field(default_factory=dict)
    initial: dict[str, Any] | None = None
    dataset: DatasetReference | None = None
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    progress: Progress = Field(default_factory=Progress)
    latest: Epoch | None = None
    best: Epoch | None = None
    stop_reason: str | None = None
    error: JobError | None = None
    model_id: str | None = None
    fingerprint: dict[str, Any] | None = None
    inexact_resume: bool = False
    seq: int = 0
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def ended(self) -> bool:
        """Whether it will never change again."""
        return self.status in TERMINAL


class Layer(Result):
    """One layer of a plan."""

    name: str
    kind: str
    output_shape: list[int] = Field(default_factory=list)
    parameters: int = 0


class Plan(Result):
    """What a job would be: its resolved specification, its size, and what to mind."""

    spec: dict[str, Any] = Field(default_factory=dict)
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    task: str | None = None
    features: list[str] = Field(default_factory=list)
    layers: list[Layer] = Field(default_factory=list)
    parameters: int = 0
    memory_bytes: int = 0
    train_rows: int | None = None
    validation_rows: int | None = None
    batch_size: int | None = None
    steps_per_epoch: int | None = None
    folds: int = 0
    warnings: list[str] = Field(default_factory=list)


class Checkpoint(Result):
    """A state of a job that was kept; ``available`` while its weights still are."""

    seq: int
    epoch: int
    fold: int = 0
    best: bool = False
    last: bool = False
    available: bool = True
    size_bytes: int = 0
    sha256: str = ""
    weights_sha256: str = ""
    metrics: Epoch | None = None
    created_at: datetime | None = None
