"""How an error reads: a problem document (RFC 9457)."""

from pydantic import ConfigDict, Field

from service.http.schemas import ResponseBody


class FieldProblem(ResponseBody):
    """One thing to change in the request."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    pointer: str = Field(examples=["/network/layers/0/units"])
    """A JSON pointer (RFC 6901) into the body, or `/name` of a parameter."""
    message: str = Field(examples=["Must be greater than or equal to 1."])
    """What is wrong, and what would be right."""
    location: str = Field(alias="in", examples=["body"])
    """Which part of the request: `body`, `query`, `path` or `header`."""
    row: int | None = None
    """The row of a table that was sent, counted from 0; not there if it is about no row."""
    column: str | None = None
    """The column of that table; not there if it is about no column."""


class Problem(ResponseBody):
    """Every error, whatever went wrong."""

    type: str = Field(examples=["urn:trainyard:problem:invalid"])
    """The kind of problem, for programs; always the same for one kind."""
    title: str = Field(examples=["The request is not valid"])
    """The kind of problem, for people."""
    status: int = Field(examples=[422])
    """The HTTP status."""
    detail: str
    """What happened this time, and what to do about it."""
    errors: list[FieldProblem]
    """Every place in the request that must change; may be empty."""
    request_id: str
    """Names the request in the service's log, as does the header `X-Request-ID`."""
