"""Tokens that open event streams, for callers who cannot send a key.

A browser's ``EventSource`` sends no headers of its own, and a key in an address would end up in
logs and histories. So a page asks, with its key, for a token, and puts that into the address. It
opens event streams and nothing else, and only for a minute; a stream that is open stays open.

A token is the time at which it expires and a signature of that, by a secret which follows from the
key it was asked for with. Nothing is kept: every process that has the key knows its tokens, and
without the key they are worth nothing.
"""

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from starlette.datastructures import Headers, QueryParams
from starlette.types import Scope

__all__ = ["EVENT_STREAM", "LIFETIME_SECONDS", "StreamTokens"]

EVENT_STREAM = "text/event-stream"
LIFETIME_SECONDS = 60
"""From the answer with the token to the request with it."""

_STREAMS = re.compile(r"/v1/(?:[^/]+/)*events")
_PURPOSE = b"trainyard stream tokens"
_NO_SECRET = b""
"""Signs where no key is wanted: a page is the same with and without, and nobody looks at it."""


class StreamTokens:
    """Gives out tokens and knows them again. ``clock`` tells the seconds since 1970."""

    def __init__(self, keys: Sequence[str], clock: Callable[[], float] = time.time) -> None:
        self._secrets = _derived([key.encode() for key in keys])
        self._clock = clock

    def issue(self, key: bytes | None) -> tuple[str, int]:
        """A token for who has shown this key, and the second at which it expires."""
        expires = int(self._clock()) + LIFETIME_SECONDS
        derived = self._secrets.get(key or b"")
        secret = derived.result() if derived else _NO_SECRET
        return f"{expires}.{_signature(secret, str(expires))}", expires

    def admit(self, scope: Scope) -> bool:
        """Whether a request asks for an event stream with a token that is good now."""
        return (
            scope["method"] == "GET"
            and _STREAMS.fullmatch(scope["path"]) is not None
            and EVENT_STREAM in Headers(scope=scope).get("accept", "")
            and self._is_good(QueryParams(scope["query_string"]).get("token", ""))
        )

    def _is_good(self, token: str) -> bool:
        expires, _, signature = token.partition(".")
        # Every secret is tried, so that the time taken does not tell which one came close.
        matches = sum(
            hmac.compare_digest(signature.encode(), _signature(secret.result(), expires).encode())
            for secret in self._secrets.values()
        )
        # What bears a signature was written here, so it is a number.
        return matches > 0 and self._clock() < int(expires)


def _derived(keys: Sequence[bytes]) -> dict[bytes, Future[bytes]]:
    """The secret of each key, derived while the rest of the service starts."""
    thread = ThreadPoolExecutor(1, thread_name_prefix="stream-tokens")
    secrets = {key: thread.submit(_secret, key) for key in keys}
    thread.shutdown(wait=False)
    return secrets


def _secret(key: bytes) -> bytes:
    """Slow on purpose: a key may be a word, and who finds a token must not try many on it."""
    return hashlib.scrypt(key, salt=_PURPOSE, n=1 << 14, r=8, p=1, dklen=32)


def _signature(secret: bytes, expires: str) -> str:
    digest = hmac.digest(secret, expires.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")
