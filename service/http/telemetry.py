"""Request ids and the access log."""

import logging
import re
import secrets
import time
from contextvars import ContextVar

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["RequestLog", "request_id"]

logger = logging.getLogger("trainyard.access")
_current: ContextVar[str] = ContextVar("request_id", default="")
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def request_id() -> str:
    """The id of the request that is being answered; empty outside of one."""
    return _current.get()


class RequestLog:
    """Give every request an id, return it as ``X-Request-ID``, and log a line when it is done.

    An id that a proxy or client sent is kept if it is harmless to print.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        identifier = sent if _ACCEPTABLE.fullmatch(sent) else secrets.token_hex(16)
        name = identifier.encode("ascii")
        status = 500
        started = time.perf_counter()

        async def tag(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", name)]
            await send(message)

        token = _current.set(identifier)
        try:
            await self.app(scope, receive, tag)
        finally:
            _current.reset(token)
            if logger.isEnabledFor(logging.INFO):
                milliseconds = 1000 * (time.perf_counter() - started)
                # Percent-encoded as it came: a decoded path could break the line.
                path = scope["raw_path"].decode("ascii", "replace")
                method = scope["method"]
                logger.info("%s %s %d %.1f ms %s", method, path, status, milliseconds, identifier)
