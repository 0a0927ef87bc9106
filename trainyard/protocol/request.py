"""Requests, answers and calls as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote
from uuid import uuid4

Json: TypeAlias = Any
"""A value of JSON, or one that can be made into it."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})


class Upload(NamedTuple):
    """A file as one part of a multipart body."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Request:
    """One HTTP request, relative to the address of the service.

    ``idempotent`` marks a POST that may be sent twice without harm: a prediction, a plan, a pause.
    ``holds`` is how many seconds the service may hold the answer back on purpose.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    fields: Mapping[str, str | list[str]] = field(default_factory=dict)
    file: Upload | None = None
    idempotent: bool = False
    holds: float = 0.0

    @property
    def repeatable(self) -> bool:
        """Whether sending it a second time cannot do anything that once did not."""
        return self.method in _IDEMPOTENT or self.idempotent or "Idempotency-Key" in self.headers


@dataclass(frozen=True)
class Response:
    """An HTTP answer, read to its end. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class NoResponse:
    """No answer: why, whether it was a deadline, and whether the request can have arrived."""

    reason: str
    timed_out: bool = False
    sent: bool = True


Outcome: TypeAlias = Response | NoResponse


@dataclass(frozen=True)
class Call(Generic[T_co]):
    """A request, and how to read its answer once that has come with a 2xx (or 304) status."""

    request: Request
    decode: Callable[[Response], T_co]


@dataclass(frozen=True)
class Pause:
    """Some seconds in which nothing should happen."""

    seconds: float


Steps: TypeAlias = Generator[Call[Any] | Pause, Any, T]
"""Calls and pauses in a row; each call yielded is answered with its decoded result."""


def path(*parts: object) -> str:
    """``/v1/`` and the parts, each of them quoted: an id can never climb out of its place."""
    return "/v1/" + "/".join(quote(str(part), safe="") for part in parts)


def query(**parameters: object) -> dict[str, str]:
    """Query parameters as text, without those that are ``None``."""
    return {name: _text(value) for name, value in parameters.items() if value is not None}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def get(path: str, **parameters: object) -> Request:
    """A GET, with the parameters that are not ``None``."""
    return Request("GET", path, query(**parameters))


def post(
    path: str,
    body: object = None,
    *,
    parameters: Mapping[str, object] | None = None,
    idempotent: bool = False,
    idempotency_key: str | None = None,
) -> Request:
    """A POST of JSON, with an ``Idempotency-Key`` (given, or a new one) if it is not idempotent."""
    headers = {} if idempotent else idempotency_header(idempotency_key)
    content = None
    if body is not None:
        content = dump(body)
        headers["Content-Type"] = "application/json"
    return Request(
        "POST", path, query(**(parameters or {})), headers, body=content, idempotent=idempotent
    )


def idempotency_header(key: str | None = None) -> dict[str, str]:
    """The header that makes a POST safe to repeat: the same key is answered once."""
    return {"Idempotency-Key": key or str(uuid4())}


def dump(body: object) -> bytes:
    """JSON bytes. NumPy values become numbers and lists; NaN and infinity are refused."""
    try:
        return json.dumps(body, allow_nan=False, default=_plain, separators=(",", ":")).encode()
    except ValueError as error:
        raise ValueError(f"cannot be sent as JSON: {error}; use None for a missing value") from None


def _plain(value: Json) -> Json:
    if hasattr(value, "tolist"):  # NumPy arrays and scalars, without importing NumPy
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
