"""Models, their predictions and how good these are."""

from datetime import datetime
from typing import Any

from pydantic import Field

from trainyard.records.base import Label, Result
from trainyard.records.datasets import Task

__all__ = ["CheckpointUsed", "Evaluation", "Input", "ModelRecord", "Predictions", "Sparsity"]


class CheckpointUsed(Result):
    """Which state of a model answered."""

    seq: int
    epoch: int


class Input(Result):
    """A column that a model wants; ``kind`` is integer, float, boolean or string."""

    name: str
    kind: str


class Sparsity(Result):
    """The part of all weights that is exactly zero, and what that switches off.

    What is switched off is ``None`` where that cannot be told.
    """

    share: float
    weights: list[dict[str, Any]] = Field(default_factory=list)
    features_off: list[str] | None = None
    inputs_off: list[str] | None = None


class ModelRecord(Result):
    """A network with its preprocessing: it takes raw rows. An imported one has no ``job_id``."""

    id: str
    name: str | None = None
    job_id: str | None = None
    task: Task
    inputs: list[Input] = Field(default_factory=list)
    spec: dict[str, Any] = Field(default_factory=dict)
    checkpoint: CheckpointUsed | None = None
    final: bool = False
    sparsity: Sparsity | None = None
    """What is switched off; ``None`` in lists, for which it is not counted."""
    created_at: datetime | None = None


class Predictions(Result):
    """The answers in the order of the rows; for classes with the probability of each.

    Of several targets an answer is a list, and the probabilities are those of the second class.
    """

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    predictions: list[Label] | list[list[Label]]
    classes: list[Label] | None = None
    probabilities: list[list[float]] | None = None
    checkpoint: CheckpointUsed | None = None

    def __len__(self) -> int:
        return len(self.predictions)


class Evaluation(Result):
    """Measures of a model on some rows, as the service names them: ``scores["accuracy"]``."""

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    rows: int
    scores: dict[str, Any]
    checkpoint: CheckpointUsed | None = None
