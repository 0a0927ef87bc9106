"""Who may talk to the service.

With keys in the settings, every request but those for health and the documentation's page carries
one of them. Without keys the service is for this machine alone; a web page from elsewhere could
still reach it through the browser, by letting its own name point here (DNS rebinding) or by
sending a cross-site request, so Host and Origin must name this machine too.
"""

import hmac
import re
from collections.abc import Sequence
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.errors import Forbidden, Problem, Unauthorized

__all__ = ["ApiKeys", "LoopbackOnly", "is_loopback"]

OPEN_PATHS = frozenset({"/livez", "/readyz", "/docs"})
OPEN_FOLDER = "/docs/"
"""The documentation's page is the same everywhere; what it shows, /openapi.json, wants a key."""

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(:\d{1,5})?")


class ApiKeys:
    """Let in who knows a key. Keys are compared in constant time."""

    def __init__(self, app: ASGIApp, keys: Sequence[str]) -> None:
        self.app = app
        self.keys = [key.encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._may_pass(scope):
            await Unauthorized().response()(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        path = scope["path"]
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDER):
            return True
        scheme, _, key = Headers(scope=scope).get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        offered = key.strip().encode("latin-1")
        # Every key is compared, so that the time taken does not tell which one came close.
        matches = sum(hmac.compare_digest(offered, known) for known in self.keys)
        return matches > 0


class LoopbackOnly:
    """Answer to this machine's names only, and to pages that this machine served.

    ``origins`` are further ones that the settings allow.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str] = ()) -> None:
        self.app = app
        self.origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = self._objection(scope) if scope["type"] in {"http", "websocket"} else None
        if problem is not None:
            await problem.response()(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _objection(self, scope: Scope) -> Problem | None:
        headers = Headers(scope=scope)
        client = scope.get("client")
        if client is not None and not is_loopback(client[0]):
            return Forbidden("Without API keys this service answers to its own machine only.")
        match = _HOST.fullmatch(headers.get("host", ""))
        if match is None or not is_loopback(match["name"]):
            return Forbidden("The Host header does not name this machine.")
        origin = headers.get("origin")
        if origin is not None and not self._is_known(origin, headers["host"]):
            return Forbidden("The Origin header names another site.")
        return None

    def _is_known(self, origin: str, host: str) -> bool:
        return origin in self.origins or origin.lower() in {
            f"{scheme}://{host.lower()}" for scheme in ("http", "https")
        }


def is_loopback(host: str) -> bool:
    """Whether a host name or address, with or without brackets, is this machine's loopback."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
