"""From what the layers below raise to problem documents; those layers know no HTTP themselves."""

import logging
from collections.abc import Callable
from typing import Any, TypeAlias

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc as database_errors
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine import errors as engine_errors
from service.database import errors as repository_errors
from service.http import pointers
from service.http.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Internal,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unavailable,
    all_problems,
)
from service.http.telemetry import request_id

__all__ = ["CONVERTERS", "Converters", "LastResort", "install"]

logger = logging.getLogger("trainyard.errors")


def _from_engine(error: engine_errors.EngineError) -> Problem:
    return Invalid.at(
        getattr(error, "pointer", ""),
        error.message,
        row=getattr(error, "row", None),
        column=getattr(error, "column", None),
    )


_NOTHING_HERE = "There is nothing at this path."


def _from_repository(error: repository_errors.RepositoryError) -> Problem:
    member = NotFound if isinstance(error, repository_errors.RowNotFound) else Conflict
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


Converters: TypeAlias = dict[type[Exception], Callable[[Any], Problem]]
"""What is raised, and the problem that it becomes."""
CONVERTERS: Converters = {
    engine_errors.EngineError: _from_engine,
    database_errors.OperationalError: lambda _: Unavailable("The database does not answer."),
    database_errors.TimeoutError: lambda _: Unavailable("The database is too busy."),
    repository_errors.RepositoryError: _from_repository,
    RequestValidationError: _from_pydantic,
    HTTPException: _from_starlette,
}


def install(app: FastAPI, *more: Converters) -> None:
    """Make every error of ``app`` a problem document; ``more`` are converters of its resources."""
    for kind, convert in (item for each in (CONVERTERS, *more) for item in each.items()):
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
