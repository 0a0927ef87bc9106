"""Every error of the HTTP API is a problem document (RFC 9457), and this is the one place for them.

::

    Problem                    .status .kind .title, and per occurrence .detail .errors .headers
    ├── BadRequest         400  the request cannot be read
    ├── Unauthorized       401  no API key, or a wrong one
    ├── Forbidden          403  a Host or Origin that this service does not answer to
    ├── NotFound           404  no such thing, or no such path
    ├── MethodNotAllowed   405  the path exists, the method does not
    ├── Conflict           409  not possible in the state that the thing is in
    ├── TooLarge           413  more bytes than this service takes
    ├── UnsupportedMedia   415  a kind of body that this service does not read
    ├── Invalid            422  understood, but something in it must be changed
    ├── Internal           500  the fault is the service's
    └── Unavailable        503  not at the moment

``error_handlers`` turns what the layers below raise into these.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import orjson
from starlette.exceptions import HTTPException
from starlette.responses import Response

from service.http.telemetry import request_id

__all__ = [
    "BadRequest",
    "Conflict",
    "FieldError",
    "Forbidden",
    "Internal",
    "Invalid",
    "MethodNotAllowed",
    "NotFound",
    "Problem",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMedia",
    "all_problems",
    "problem_responses",
]

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One thing to change in the request.

    ``pointer`` is a JSON pointer (RFC 6901) into the body, or ``/name`` of a parameter when ``at``
    is not the body. ``row`` (from 0) and ``column`` name a place in a table that was sent.
    """

    pointer: str
    message: str
    at: str = "body"
    row: int | None = None
    column: str | None = None

    def to_json(self) -> dict[str, Any]:
        members = {
            "pointer": self.pointer,
            "message": self.message,
            "in": self.at,
            "row": self.row,
            "column": self.column,
        }
        return {name: value for name, value in members.items() if value is not None}


class Problem(HTTPException):
    """A refusal, as the caller sees it; subclasses fix the status and the kind."""

    status: ClassVar[int] = 500
    kind: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal server error"

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(self.status, detail or self.title, headers)
        self.errors = tuple(errors)

    @classmethod
    def at(
        cls, pointer: str, message: str, *, row: int | None = None, column: str | None = None
    ) -> Self:
        """The problem of one place in the body, whose message is the detail too."""
        error = FieldError(pointer=pointer, message=message, row=row, column=column)
        return cls(message, errors=[error])

    @classmethod
    def of_parameter(cls, name: str, message: str) -> Self:
        """The problem of a parameter of the query."""
        error = FieldError(pointer=f"/{name}", message=message, at="query")
        return cls(f"{name}: {message}", errors=[error])

    def document(self, request_id: str) -> dict[str, Any]:
        return {
            "type": f"urn:trainyard:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "errors": [error.to_json() for error in self.errors],
            "request_id": request_id,
        }

    def response(self) -> Response:
        headers = {"Cache-Control": "no-store"} | dict(self.headers or {})
        content = orjson.dumps(self.document(request_id()))
        return Response(content, self.status, headers, MEDIA_TYPE)


class BadRequest(Problem):
    """The request cannot be read: its body is not JSON, or its form is broken."""

    status, kind, title = 400, "bad_request", "The request cannot be read"


class Unauthorized(Problem):
    """No API key, or a wrong one."""

    status, kind, title = 401, "unauthorized", "A valid API key is needed"

    def __init__(self, detail: str = "Send the header 'Authorization: Bearer <key>'.") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Problem):
    """A Host or an Origin that this service does not answer to."""

    status, kind, title = 403, "forbidden", "Host or Origin not allowed"


class NotFound(Problem):
    """There is no such thing, or no such path."""

    status, kind, title = 404, "not_found", "Not found"


class MethodNotAllowed(Problem):
    """The path exists, but not with this method; the Allow header lists those that do."""

    status, kind, title = 405, "method_not_allowed", "Method not allowed"


class Conflict(Problem):
    """Not possible in the state that the thing is in."""

    status, kind, title = 409, "conflict", "Conflict with the current state"


class TooLarge(Problem):
    """The body has more bytes than this service takes."""

    status, kind, title = 413, "too_large", "The body is too large"


class UnsupportedMedia(Problem):
    """The body is of a kind that this service does not read."""

    status, kind, title = 415, "unsupported_media_type", "Unsupported media type"


class Invalid(Problem):
    """Understood, but something in it must be changed; ``errors`` says where and what."""

    status, kind, title = 422, "invalid", "The request is not valid"


class Internal(Problem):
    """The fault is the service's; the request id finds its cause in the log."""

    status, kind, title = 500, "internal", "Internal server error"


class Unavailable(Problem):
    """The service cannot answer at the moment."""

    status, kind, title = 503, "unavailable", "Not available at the moment"

    def __init__(self, detail: str = "The service does not answer at the moment.") -> None:
        super().__init__(detail, headers={"Retry-After": "5"})


def all_problems() -> dict[int, type[Problem]]:
    """Every problem there is, by its status."""
    return {member.status: member for member in Problem.__subclasses__()}


def problem_responses(*members: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Declare problems of an operation, for the ``responses`` argument of its route."""
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        member.status: {"description": member.__doc__, "content": {MEDIA_TYPE: schema}}
        for member in members
    }
