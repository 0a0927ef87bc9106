"""Where rows with answers come from."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictStr, model_validator

from service.schemas.base import Inquiry
from service.schemas.predictions import Rows, one_of

Part = Literal["validation", "train"]


class RowSource(Inquiry):
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
