"""What requests to look into a model have in common."""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from service.http.schemas import ResponseBody
from service.rows.schemas import Cell, Rows

MAX_ROWS = 100
"""Rows that one request may have traced or checked."""

Whole = Annotated[int, Field(strict=True)]
"""A whole number that is written as one."""

Nested = Annotated[
    Any,
    WithJsonSchema(
        {
            "type": "array",
            "items": {
                "anyOf": [
                    {"type": "number"},
                    {"type": "null"},
                    {"type": "array", "items": {"type": ["number", "null"]}},
                ]
            },
        }
    ),
]
"""A list of numbers, or of rows of them; null where a number is not finite."""


class FewRows(Rows):
    """At most 100 rows of data with the target among their columns."""

    records: list[dict[str, Cell]] | None = Field(
        None,
        min_length=1,
        max_length=MAX_ROWS,
        examples=[[{"hours": 1.5, "passed": False}]],
    )
    """One object a row, by column name; columns that the model does not use are left out."""
    rows: list[list[Cell]] | None = Field(None, min_length=1, max_length=MAX_ROWS)
    """One list a row, its values in the order of `columns`."""


MostRows = Annotated[Whole, Field(ge=1, le=10_000)] | None


class Numbers(ResponseBody):
    """An array, or the corner of a large one."""

    shape: list[int]
    """Its full shape; a row of a matrix is a row of data, or a unit of a weight matrix."""
    values: Nested
    """The numbers, row by row: some rows, and of each some columns, if it is `cut`; the first
    ones if nothing else is said."""
    cut: bool
    """Whether there are more numbers than are shown."""
    finite: bool
    """Whether all its numbers are finite, also those not shown; others are null."""
