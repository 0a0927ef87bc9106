"""Predictions: raw rows in, predicted classes or numbers out."""

from pydantic import Field

from service.checkpoints.schemas import CheckpointUsed
from service.http.schemas import Label, ResponseBody
from service.rows.schemas import Rows


class PredictionRequest(Rows):
    """The rows to predict, at most 10,000 in one call."""


class Predictions(ResponseBody):
    """The answers, in the order of the rows."""

    model_id: str
    checkpoint: CheckpointUsed
    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    predictions: list[Label] | list[list[Label]] = Field(examples=[["Adelie"]])
    """The most probable class of each row, or its number; of several targets, a list a row."""
    classes: list[Label] | None = Field(examples=[["Adelie", "Chinstrap", "Gentoo"]])
    """The classes, in the order of the probabilities; null for numbers."""
    probabilities: list[list[float]] | None = Field(examples=[[[0.93, 0.04, 0.03]]])
    """One row a row, one column a class, or for several labels one column a target, whose second
    class it is the probability of; null for numbers."""
