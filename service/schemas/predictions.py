"""Predictions: raw rows in, answers out."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StrictStr, WithJsonSchema, model_validator

from service.schemas.base import Inquiry, Label, Reply

Cell = Annotated[Any, WithJsonSchema({"type": ["number", "string", "boolean", "null"]})]
"""A value of a table, or null where it is unknown; checked where it meets its column."""

_RECORD = {"island": "Biscoe", "bill_length_mm": 46.1}
_NULL = {"type": "null"}


def one_of(*forms: Mapping[str, bool]) -> dict[str, Any]:
    """A rule for JSON Schema: in each form these members are there (true) or not (false)."""
    return {
        "oneOf": [
            {
                "required": [name for name, there in form.items() if there],
                "properties": {
                    name: {"not": _NULL} if there else _NULL for name, there in form.items()
                },
            }
            for form in forms
        ]
    }


class Rows(Inquiry):
    """Rows of data, as records or as a matrix; one of the two."""

    model_config = ConfigDict(
        json_schema_extra=one_of(
            {"records": True, "rows": False, "columns": False}, {"rows": True, "records": False}
        )
    )

    records: list[dict[str, Cell]] | None = Field(None, min_length=1, examples=[[_RECORD]])
    """One object a row, by column name; columns that the model does not use are left out."""
    rows: list[list[Cell]] | None = Field(None, min_length=1)
    """One list a row, its values in the order of `columns`."""
    columns: Annotated[list[StrictStr], Field(min_length=1)] | None = None
    """The names of the columns of `rows`; by default the model's inputs, in their order."""

    @model_validator(mode="after")
    def check_form(self) -> Self:
        """One form, and `columns` with the matrix only."""
        if (self.records is None) == (self.rows is None):
            raise ValueError("Give either 'records' or 'rows'.")
        if self.columns is not None and self.rows is None:
            raise ValueError("'columns' belongs to 'rows'; records name their columns themselves.")
        return self

    def __len__(self) -> int:
        return len(self.records or self.rows or ())


class PredictionRequest(Rows):
    """The rows to predict, at most 10,000 in one call."""


class CheckpointUsed(Reply):
    """Which state of the model answered."""

    seq: int
    epoch: int


class Predictions(Reply):
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
