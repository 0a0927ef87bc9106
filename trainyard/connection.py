"""What both clients tell httpx, and what they make of what it tells them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx

from trainyard.protocol.request import NoResponse, Request, Response, Upload

DEFAULT_URL = "http://127.0.0.1:8000"
CONNECT_SECONDS = 5.0

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True)
class Address:
    """Where the service is, and the key that it wants."""

    url: str
    api_key: str | None = None

    @classmethod
    def of(cls, url: str | None, api_key: str | None) -> Address:
        """As given, else as the environment says; raises ValueError for no address of a service."""
        return cls(
            service_url(url or os.environ.get("TRAINYARD_URL") or DEFAULT_URL),
            api_key or os.environ.get("TRAINYARD_API_KEY"),
        )

    @property
    def options(self) -> Mapping[str, Any]:
        """What an httpx client is made with."""
        headers = {"Accept": "application/json", "User-Agent": "trainyard-python"}
        if self.api_key:
            headers["Authorization"] = f"Bearer {self.api_key}"
        return {
            "base_url": self.url,
            "headers": headers,
            "trust_env": not _is_loopback(self.url),  # no proxy reaches this machine's own ports
        }


def service_url(url: str) -> str:
    """The address as it is. Raises ValueError when it cannot be that of a service."""
    if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
        raise ValueError(f"the address of the service should read like {DEFAULT_URL}, not {url!r}")
    return url


def answer_seconds(timeout: float) -> float:
    """The time for an answer as it is. Raises ValueError when none could come in it."""
    if not timeout > 0:
        raise ValueError(
            f"timeout is the seconds to wait for an answer: more than 0, not {timeout}"
        )
    return timeout


def as_sent(request: Request, timeout: float) -> dict[str, Any]:
    """A request as httpx takes it; ``timeout`` is for the answer, in seconds."""
    return {
        "method": request.method,
        "url": request.path,
        "params": dict(request.query),
        "headers": dict(request.headers),
        "content": request.body,
        "data": dict(request.fields),
        "files": {"file": _in_chunks(request.file)} if request.file else None,
        "timeout": httpx.Timeout(
            timeout,
            connect=min(timeout, CONNECT_SECONDS),
            read=timeout + request.holds,
        ),
    }


def as_reply(response: httpx.Response) -> Response:
    """An answer that has been read to its end."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status_code, headers, response.content)


def as_lost(error: httpx.TransportError) -> NoResponse:
    """Why there is no answer."""
    timed_out = isinstance(error, httpx.TimeoutException)
    reason = f"{'no answer in time' if timed_out else 'no connection'}: {_address(error)}{error}"
    return NoResponse(reason.rstrip(": "), timed_out, sent=not isinstance(error, _NEVER_SENT))


BROKEN_OFF = NoResponse("the stream of events broke off before the job had ended")


def _in_chunks(file: Upload) -> tuple[str, BytesIO, str]:
    """As httpx sends it part by part: of bytes, it would copy the rest for every part it sends."""
    return file.name, BytesIO(file.content), file.media_type


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _address(error: httpx.TransportError) -> str:
    """Where it was sent to, without what may be in a query."""
    try:
        url = error.request.url
    except RuntimeError:
        return ""
    return f"{error.request.method} {url.scheme}://{url.netloc.decode()}{url.path}: "
