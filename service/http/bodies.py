"""What may be in the body of a request: how many bytes, and JSON that is JSON.

Python's parser takes ``NaN``, ``1e999`` and lone surrogates, and databases choke on NUL in text.
All of them are refused here, with a pointer to the place, before anything else looks at the body.
"""

import json
import math
from collections.abc import Iterator
from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import json_pointer
from service.http.errors import BadRequest, FieldError, Invalid, Problem, TooLarge
from service.http.pointers import printable

__all__ = ["BodyLimit", "is_json", "parse_json", "validated"]

DRAINED_BODIES = 4
"""A sender who does not listen while sending is heard out this many limits long."""


class BodyLimit:
    """Refuse bodies over ``limit`` bytes, with and without a Content-Length, as a problem."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        if not length.isdecimal() or "transfer-encoding" in headers:
            await self._count(scope, receive, send)
        elif int(length) > self.limit:
            await self._refuse(receive, send)
        else:  # no server hands on more than was announced
            await self.app(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        exceeded = False

        async def counting() -> Message:
            nonlocal received, exceeded
            message = await receive()
            received += len(message.get("body", b""))
            if received > self.limit:
                exceeded = True
                raise self._problem()
            return message

        async def silenced(message: Message) -> None:
            if not exceeded:
                await send(message)

        await self.app(scope, counting, silenced)
        if exceeded:
            await self._refuse(receive, send)

    def _problem(self) -> TooLarge:
        return TooLarge(f"A body may have at most {self.limit:,} bytes here.")

    async def _refuse(self, receive: Receive, send: Send) -> None:
        await _answer_and_drain(self._problem(), receive, send, DRAINED_BODIES * self.limit)


async def _answer_and_drain(problem: Problem, receive: Receive, send: Send, drain: int) -> None:
    """Answer, and read on for a while: closing at once would reset the connection, answer and all.

    The answer is sent before the rest is read, so that a sender who listens can stop.
    """
    response = problem.response()
    response.headers["Connection"] = "close"
    start = {"status": response.status_code, "headers": response.raw_headers}
    await send({"type": "http.response.start", **start})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    while drain > 0:
        message = await receive()
        drain -= len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            break
    await send({"type": "http.response.body", "body": b"", "more_body": False})


S = TypeVar("S", bound=BaseModel)


def validated(schema: type[S], content: object, *at: str) -> S:
    """What was sent, or a part of it at a place in the body, as its schema has it.

    Raises RequestValidationError, which says where in the body something does not fit.
    """
    try:
        return schema.model_validate(content)
    except ValidationError as error:
        errors = [{**each, "loc": ("body", *at, *each["loc"])} for each in error.errors()]
        body = content
        for name in reversed(at):
            body = {name: body}
        raise RequestValidationError(errors, body=body) from None


def is_json(content_type: str) -> bool:
    """Whether a Content-Type header announces JSON, or a format built on it."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


def parse_json(content: bytes, max_depth: int) -> object:
    """Parse JSON text (RFC 8259); raise BadRequest or Invalid for anything that is not."""
    try:
        value = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise _refusal(content, error, max_depth) from None
    if content.count(b"[") + content.count(b"{") > max_depth:
        _check_depth(value, max_depth)
    if b"\\u0000" in content:
        _check_leaves(value)
    return value


def _refusal(content: bytes, error: orjson.JSONDecodeError, max_depth: int) -> Problem:
    """Why the strict parser refused: Python's lenient one may still tell the place."""
    try:
        value = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as bad:
        return BadRequest(f"The body is not UTF-8: byte {bad.start} is out of place.")
    except RecursionError:
        return _too_deep(max_depth)
    except ValueError:
        return BadRequest(
            f"The body is not JSON: {error.msg}." if content.strip() else "The body is empty."
        )
    _check_depth(value, max_depth)
    _check_leaves(value)
    return BadRequest(f"The body is not JSON: {error.msg}.")


def _too_deep(max_depth: int) -> Problem:
    return BadRequest.at("", f"JSON may be at most {max_depth} levels deep here.")


def _check_depth(value: object, max_depth: int) -> None:
    """Level by level, so that a deep document is as cheap to refuse as a flat one to accept."""
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(max_depth):
        level = [
            child
            for parent in level
            for child in (parent.values() if type(parent) is dict else parent)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return
    raise _too_deep(max_depth)


def _check_leaves(value: object) -> None:
    errors = [FieldError(pointer=pointer, message=message) for pointer, message in _faults(value)]
    if errors:
        raise Invalid(f"{errors[0].pointer}: {errors[0].message}", errors=errors[:100])


def _faults(value: object, *path: str | int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from ((json_pointer(*path), f"In a key: {fault}") for fault in _fault(key))
            yield from _faults(child, *path, printable(key))
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _faults(child, *path, index)
    else:
        yield from ((json_pointer(*path), fault) for fault in _fault(value))


_MAX_EXPONENT = 1023
"""Of a double, in base 2."""


def _fault(value: object) -> Iterator[str]:
    if isinstance(value, float) and not math.isfinite(value):
        yield "Must be a finite number: JSON knows no NaN or Infinity."
    elif isinstance(value, int) and value.bit_length() > _MAX_EXPONENT:
        yield "Must be a finite number: this one is too large to be held."
    elif isinstance(value, str) and "\0" in value:
        yield "Text may not contain the character NUL (U+0000)."
    elif isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        yield "Text may not contain half of a surrogate pair."
