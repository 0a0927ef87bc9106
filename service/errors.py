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

``TABLE`` turns what the layers below raise into these; they know no HTTP themselves.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc as database_errors
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine import errors as engine_errors
from service import pointers
from service.datasets import DatasetNotStoredError, StorageFailedError
from service.datasets import TooLarge as TooLargeData
from service.repositories import errors as repository_errors
from service.telemetry import request_id

__all__ = [
    "TABLE",
    "BadRequest",
    "Conflict",
    "FieldError",
    "Forbidden",
    "Internal",
    "Invalid",
    "LastResort",
    "MethodNotAllowed",
    "NotFound",
    "Problem",
    "TooLarge",
    "Unauthorized",
    "Unavailable",
    "UnsupportedMedia",
    "all_problems",
    "install",
    "problem_responses",
]

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger("trainyard.errors")


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


def _from_engine(error: engine_errors.EngineError) -> Problem:
    return Invalid.at(
        getattr(error, "pointer", ""),
        error.message,
        row=getattr(error, "row", None),
        column=getattr(error, "column", None),
    )


_NOTHING_HERE = "There is nothing at this path."


def _from_repository(error: repository_errors.RepositoryError) -> Problem:
    member = NotFound if isinstance(error, repository_errors.NotFound) else Conflict
    return member(_sentence(error.message))


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].removesuffix(".") + "."


def _from_pydantic(error: RequestValidationError) -> Problem:
    if all(each["loc"][:1] == ("path",) for each in error.errors()):
        return NotFound(_NOTHING_HERE)
    errors = [
        FieldError(pointer=pointer, message=message, at=at)
        for at, pointer, message in pointers.explain(error.errors(), error.body)
    ]
    # Of the whole body there is no pointer to tell.
    detail = f"{errors[0].pointer}: {errors[0].message}".removeprefix(": ") if errors else ""
    if len(errors) > 1:
        detail += f" (and {len(errors) - 1} more)"
    return Invalid(detail, errors=errors)


def _from_starlette(error: HTTPException) -> Problem:
    """The framework's own refusals, such as an unknown path or method."""
    if isinstance(error, Problem):
        return error
    member = all_problems().get(error.status_code, BadRequest)
    details = {404: _NOTHING_HERE, 405: "This path has no such method."}
    return member(details.get(error.status_code, str(error.detail)), headers=error.headers)


TABLE: dict[type[Exception], Callable[[Any], Problem]] = {
    engine_errors.EngineError: _from_engine,
    TooLargeData: lambda error: TooLarge(error.message),
    DatasetNotStoredError: lambda _: Unavailable("The rows of this dataset cannot be found."),
    StorageFailedError: lambda _: Unavailable("The storage of datasets does not take them."),
    database_errors.OperationalError: lambda _: Unavailable("The database does not answer."),
    database_errors.TimeoutError: lambda _: Unavailable("The database is too busy."),
    repository_errors.RepositoryError: _from_repository,
    RequestValidationError: _from_pydantic,
    HTTPException: _from_starlette,
}


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    for kind, convert in TABLE.items():
        app.add_exception_handler(kind, _handler(convert))


def _handler(convert: Callable[[Any], Problem]) -> Callable[[Request, Exception], Any]:
    async def handle(request: Request, error: Exception) -> Response:
        response = convert(error).response()
        if response.status_code >= Internal.status and not isinstance(error, Problem):
            _log(request.scope, error)
        if response.status_code == MethodNotAllowed.status:
            response.headers["Allow"] = ", ".join(_allowed_methods(request))
        return response

    return handle


def _allowed_methods(request: Request) -> list[str]:
    """The framework names the methods of one route only, but a path may have several."""
    allowed = [
        method
        for method in ("GET", "POST", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
    return ["HEAD", *allowed] if "GET" in allowed else allowed


def _log(scope: Scope, error: Exception) -> None:
    logger.error("%s %r failed (%s)", scope["method"], scope["path"], request_id(), exc_info=error)


class LastResort:
    """Answer what nobody expected: a 500 without details, which are in the log by request id."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            _log(scope, error)
            problem = Internal("Something went wrong inside the service.")
            await problem.response()(scope, receive, send)
