"""Importances: what a model listens to."""

from typing import Annotated, Literal

from pydantic import Field, StrictStr

from service.checkpoints.schemas import CheckpointUsed
from service.http.schemas import ResponseBody
from service.insight.schemas import MostRows, Whole
from service.rows.schemas import RowSource

Score = Literal["loss", "accuracy", "r2"]


class ImportanceRequest(RowSource):
    """Over which rows to measure, by default those that the job held out, and by what score."""

    score: Annotated[Score | None, Field()] = None
    """What a column is worth something for: the loss, or accuracy (classes) or r2 (numbers),
    which are the default."""
    repeats: Annotated[Whole, Field(ge=1, le=50)] = 5
    """How often every column is shuffled."""
    seed: Annotated[Whole, Field(ge=0, le=2**53 - 1)] = 0
    columns: list[StrictStr] | None = Field(
        None, min_length=1, max_length=10_000, examples=[["hours"]]
    )
    """The columns to measure; by default all inputs of the model."""
    max_rows: MostRows = None
    """The rows that are taken, chosen at random from those there are; by default up to 1,000,
    fewer (not less than 16) where that would take long. Columns x repeats x rows x parameters of
    the network are limited to about 3e9."""


class InputImportance(ResponseBody):
    """How much a model depends on one raw column."""

    column: str
    importance: float | None
    """How far the score falls (the loss: rises) when the column's values change places among the
    rows: the mean over the repeats."""
    deviation: float | None
    """Their standard deviation."""
    sensitivity: list[float | None] | None
    """For each output the mean over rows of |d output / d input|, by central differences; null for
    a column of categories. The input is the prepared one: one unit of it is `unit` of the column.
    Outputs are the targets, or the probability of every class (of two classes, and of labels: of
    the second)."""
    slope: list[float | None] | None
    """The same without the absolute value: which way the column pulls on average."""
    unit: float | None
    """The standard deviation of the column among the training rows, if it was standardized."""


class Importances(ResponseBody):
    """What a model listens to, the most important column first."""

    model_id: str
    checkpoint: CheckpointUsed
    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    rows: int
    score: Score
    baseline: float | None
    """The score with nothing shuffled."""
    repeats: int
    inputs: list[InputImportance]
