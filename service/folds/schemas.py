"""Folds: how a job did on each part of its data, and what it predicted for rows it had not seen."""

from typing import Annotated

from pydantic import Field

from service.evaluations.schemas import Answers, Scores
from service.http.schemas import Label, ResponseBody

_METRICS = {"loss": 0.412, "accuracy": 0.87}


class Fold(ResponseBody):
    """A fold that has ended."""

    fold: int
    """Counted from 1, over all repeats."""
    repeat: int
    train_rows: int
    validation_rows: int
    epochs: int
    """For how many it trained."""
    best_epoch: int
    stop_reason: str
    """Why it stopped: `completed`, `early_stopping`, ..."""
    train: dict[str, float | None] = Field(examples=[_METRICS])
    """Loss and metrics of its best epoch, on the rows trained on."""
    validation: dict[str, float | None] = Field(examples=[_METRICS])
    """The same on the rows held out."""


class Spread(ResponseBody):
    """A metric over the folds that have ended."""

    mean: float | None
    """Null where a fold's value was not finite."""
    deviation: float | None
    """The standard deviation between folds (of a sample: divided by their number less one); null
    for a single one."""


class Folds(ResponseBody):
    """A cross-validation so far."""

    folds: int
    """How many there are in all; 0 if the job does not cross-validate."""
    data: list[Fold]
    """Those that have ended."""
    train: dict[str, Spread]
    validation: dict[str, Spread]
    """Over the folds of `data`, each metric of their best epochs."""


class OutOfFoldRow(ResponseBody):
    """A row, and what a network that never saw it says."""

    row: int
    """Its number in the dataset, from 0."""
    fold: int
    repeat: int
    truth: Label | list[Label]
    prediction: Label | list[Label]
    """Of several targets, a list in the order of `targets`."""
    probabilities: list[float] | None
    """Of every class, in the order of `classes`, or of several labels that of the second class for
    every target; null for numbers."""


class OutOfFold(ResponseBody):
    """A page of out-of-fold predictions, fold after fold."""

    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    classes: list[Label] | None
    data: list[OutOfFoldRow]
    offset: int
    total: int
    """How many there are so far: with repeats, each row is there once for every one."""


class OutOfFoldEvaluation(ResponseBody):
    """How well a cross-validation did: every row judged by a network that never saw it."""

    job_id: str
    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    folds: int
    """How many folds have ended: their rows are judged."""
    rows: int
    """How many predictions were judged: with repeats, each row counts once for every one."""
    scores: Annotated[Scores, Field(discriminator="kind")]
    answers: Answers | None
    """Some rows one by one, if that was asked for."""
