"""Rows of data in requests: sent along, of a dataset, or a part of what a job was given."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StrictStr, WithJsonSchema, model_validator

from service.http.schemas import RequestBody

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


class Rows(RequestBody):
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


Part = Literal["validation", "train"]


class RowSource(RequestBody):
    """A dataset, rows with their answers, or a part of the job's own data."""

    model_config = ConfigDict(
        json_schema_extra=one_of(
            {"dataset": True, "data": False, "part": False},
            {"dataset": False, "data": True, "part": False},
            {"dataset": False, "data": False},
        )
    )

    dataset: StrictStr | None = Field(None, examples=["ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"])
    """The id of a dataset that has the model's columns and its target."""
    data: Rows | None = None
    """Rows that have the model's columns and its target."""
    part: Annotated[Part | None, Field()] = None
    """A part of the job's dataset: the rows held out, or those trained on. By default held out."""

    @model_validator(mode="after")
    def check_one_source(self) -> Self:
        """At most one source of rows."""
        if sum(source is not None for source in (self.dataset, self.data, self.part)) > 1:
            raise ValueError("Give one of 'dataset', 'data' and 'part'.")
        return self
