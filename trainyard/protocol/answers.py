"""From an outcome to a result or an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from trainyard.errors import (
    APIError,
    ConnectionFailed,
    FieldError,
    TimedOut,
    UnexpectedReply,
    error_class,
)
from trainyard.protocol.request import Call, Json, NoResponse, Outcome, Response
from trainyard.protocol.retry import retry_after

T = TypeVar("T")

NOT_MODIFIED = 304
"""The answer to a question that says what is already known (``If-None-Match``)."""


def answer(call: Call[T], outcome: Outcome, now: datetime) -> T:
    """The decoded result of a call, or the error that its outcome means."""
    if isinstance(outcome, NoResponse):
        raise (TimedOut if outcome.timed_out else ConnectionFailed)(outcome.reason)
    if not 200 <= outcome.status < 300 and outcome.status != NOT_MODIFIED:
        raise refusal(outcome, now)
    try:
        return call.decode(outcome)
    except ValueError as error:  # pydantic's ValidationError is one too
        raise UnexpectedReply(
            f"{call.request.method} {call.request.path} was answered with something else than"
            f" Trainyard's contract says: {error}"
        ) from error


def document(reply: Response) -> Json:
    """The JSON of an answer."""
    kind = reply.headers.get("content-type", "no content type")
    return parse(reply.body, kind)


def parse(text: bytes | str, kind: str = "text") -> Json:
    """JSON, or the error that this is no Trainyard."""
    try:
        return json.loads(text)
    except ValueError:
        raise UnexpectedReply(f"expected JSON from Trainyard, got {kind}") from None


def nothing(reply: Response) -> None:
    """The result of a call that answers with no content."""


def refusal(reply: Response, now: datetime) -> APIError:
    """The typed error of an answer that is not 2xx; tolerant, as proxies answer in their way."""
    problem = _problem(reply)
    return error_class(reply.status)(
        status=reply.status,
        problem=problem,
        errors=_field_errors(problem.get("errors")),
        request_id=problem.get("request_id") or reply.headers.get("x-request-id"),
        retry_after=retry_after(reply.headers, now),
    )


def _problem(reply: Response) -> Mapping[str, Any]:
    try:
        problem = json.loads(reply.body)
    except ValueError:
        problem = None
    if isinstance(problem, dict):
        return problem
    text = reply.body[:200].decode("utf-8", "replace").strip()
    return {"status": reply.status, "detail": text}


def _field_errors(errors: Json) -> list[FieldError]:
    if not isinstance(errors, list):
        return []
    return [_field_error(error) for error in errors if isinstance(error, dict)]


def _field_error(error: Mapping[str, Any]) -> FieldError:
    return FieldError(
        pointer=str(error.get("pointer") or ""),
        message=str(error.get("message") or ""),
        at=str(error.get("in") or "body"),
        row=error.get("row"),
        column=error.get("column"),
    )
