"""Who may talk to the service.

With keys in the settings, every request but those for health and for the pages of the dashboard
and the documentation carries one of them; those for event streams may carry a token instead
(``stream_tokens``). Without keys the service is for this machine alone; a web page from elsewhere
could still reach it through the browser, by letting its own name point here (DNS rebinding) or by
sending a cross-site request, so Host and Origin must name this machine too.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http.errors import Forbidden, Problem, Unauthorized
from service.http.stream_tokens import StreamTokens

__all__ = ["CALLER", "ApiKeys", "LoopbackOnly", "is_loopback", "offered_key"]

OPEN_PATHS = frozenset({"/", "/livez", "/readyz", "/docs"})
OPEN_FOLDERS = ("/assets/", "/docs/")
"""The dashboard's page and the documentation's are the same everywhere; what they show wants a
key."""

CALLER = "trainyard.caller"
"""Where the request's scope tells one caller from another, without telling the key."""

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(:\d{1,5})?")


class ApiKeys:
    """Let in who knows a key. Keys are compared in constant time."""

    def __init__(self, app: ASGIApp, keys: Sequence[str], stream_tokens: StreamTokens) -> None:
        self.app = app
        self.callers = {key.encode(): _caller(key) for key in keys}
        self.stream_tokens = stream_tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._may_pass(scope):
            await Unauthorized().response()(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        path = scope["path"]
        if path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
            return True
        offered = offered_key(Headers(scope=scope))
        if offered is None:
            return self.stream_tokens.admit(scope)
        # Every key is compared, so that the time taken does not tell which one came close.
        known = [key for key in self.callers if hmac.compare_digest(offered, key)]
        if known:
            scope[CALLER] = self.callers[known[0]]
        return bool(known)


class LoopbackOnly:
    """Answer to this machine's names only, and to pages that this machine served.

    ``origins`` and ``names`` are further Origin and Host headers that the settings allow.
    """

    def __init__(
        self, app: ASGIApp, origins: Sequence[str] = (), names: Sequence[str] = ()
    ) -> None:
        self.app = app
        self.origins = frozenset(origins)
        self.names = frozenset(name.lower() for name in names)

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
        host = headers.get("host", "")
        match = _HOST.fullmatch(host)
        if match is None or not self._is_here(match["name"]):
            return Forbidden("The Host header does not name this machine.")
        origin = headers.get("origin")
        if origin is not None and not self._is_known(origin, host):
            return Forbidden("The Origin header names another site.")
        return None

    def _is_here(self, name: str) -> bool:
        return is_loopback(name) or name.lower() in self.names

    def _is_known(self, origin: str, host: str) -> bool:
        return origin in self.origins or origin.lower() in {
            f"{scheme}://{host.lower()}" for scheme in ("http", "https")
        }


def _caller(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def offered_key(headers: Headers) -> bytes | None:
    """The key that a request carries, right or wrong."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip().encode("latin-1") if scheme.lower() == "bearer" else None


def is_loopback(host: str) -> bool:
    """Whether a host name or address, with or without brackets, is this machine's loopback."""
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
