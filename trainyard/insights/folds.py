"""The folds of a cross-validation, and predictions out of fold."""

from typing import Any

from pydantic import Field

from trainyard.records import Label, Portion, Result

__all__ = ["Fold", "Folds", "OutOfFold", "OutOfFoldEvaluation", "OutOfFoldRow", "Spread"]


class Fold(Result):
    """A fold of a cross-validation that has ended, at its best epoch."""

    fold: int
    repeat: int = 1
    train_rows: int = 0
    validation_rows: int = 0
    epochs: int = 0
    best_epoch: int = 0
    stop_reason: str = ""
    train: dict[str, float | None] = Field(default_factory=dict)
    validation: dict[str, float | None] = Field(default_factory=dict)


class Spread(Result):
    """Mean and standard deviation of a metric over folds."""

    mean: float | None
    deviation: float | None = None


class Folds(Result):
    """A cross-validation so far: ``data`` of ``folds``, and ``validation["loss"].mean``."""

    folds: int
    data: list[Fold]
    train: dict[str, Spread] = Field(default_factory=dict)
    validation: dict[str, Spread] = Field(default_factory=dict)


class OutOfFoldRow(Result):
    """A row of the dataset, and what a network that never saw it says."""

    row: int
    fold: int
    repeat: int = 1
    truth: Label | list[Label]
    prediction: Label | list[Label]
    probabilities: list[float] | None = None


class OutOfFold(Portion):
    """A page of out-of-fold predictions, of ``total`` there are so far."""

    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    classes: list[Label] | None = None
    data: list[OutOfFoldRow]


class OutOfFoldEvaluation(Result):
    """How well a cross-validation did, judged on rows that its networks never saw.

    With ``answers`` some rows one by one: their ``truth``, ``predictions`` and ``probabilities``.
    """

    job_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    folds: int
    rows: int
    scores: dict[str, Any]
    answers: dict[str, Any] | None = None
