"""What all schemas share: strict in, finite out, every field documented."""

from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

__all__ = [
    "SAFETENSORS_RESPONSE",
    "Label",
    "Name",
    "Page",
    "RequestBody",
    "ResponseBody",
    "Tags",
    "respond",
    "respond_json",
    "respond_weights",
    "response_headers",
    "written",
]

T = TypeVar("T")


class RequestBody(BaseModel):
    """What a caller sends: unknown keys, NaN and infinity are refused."""

    model_config = ConfigDict(
        extra="forbid", allow_inf_nan=False, frozen=True, use_attribute_docstrings=True
    )


class ResponseBody(BaseModel):
    """What a caller gets: a number that is not finite is null."""

    model_config = ConfigDict(
        frozen=True,
        from_attributes=True,
        json_schema_serialization_defaults_required=True,
        protected_namespaces=(),
        ser_json_inf_nan="null",
        use_attribute_docstrings=True,
    )


class Page(ResponseBody, Generic[T]):
    """One page of a list."""

    data: list[T]
    next_cursor: str | None
    """Send it as `cursor` for the next page; null on the last one."""


Name = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
Tag = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=50)]


def _distinct(tags: list[str]) -> list[str]:
    if len(set(tags)) != len(tags):
        raise ValueError("Every tag may be there once.")
    return tags


Tags = Annotated[
    list[Tag],
    Field(max_length=20, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]

Label = str | bool | int | float
"""A class, or a value of a table, with the type that it has in the data."""


def respond(
    reply: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Send a reply that is known to be valid, without validating it once more."""
    return respond_json(written(reply), status, headers)


def written(reply: BaseModel) -> bytes:
    """A reply in JSON, as it is sent."""
    return reply.__pydantic_serializer__.to_json(reply, by_alias=True)


def respond_json(
    content: bytes, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Send what is written in JSON already."""
    return Response(content, status, headers, media_type="application/json")


_HEADERS = {
    "ETag": "Names this state: send it as `If-None-Match`.",
    "Location": "The path of what was made.",
    "Retry-After": "After how many seconds it is worth looking again.",
}


def response_headers(*names: str) -> dict[str, Any]:
    """Declare headers of an answer, for the ``responses`` argument of its route."""
    return {
        "headers": {
            name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names
        }
    }


SAFETENSORS_RESPONSE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The weights.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def respond_weights(content: bytes, name: str) -> Response:
    """Send weights as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.safetensors"'}
    return Response(content, headers=headers, media_type="application/octet-stream")
