"""The call that asks whether the service can do its work."""

from __future__ import annotations

from trainyard.protocol.request import Call, Request
from trainyard.records import Readiness


class ReadinessCalls:
    """What ``client.ready()`` asks for."""

    @staticmethod
    def get() -> Call[Readiness]:
        """Whether the service can do its work; raises Unavailable if it cannot."""
        return Call(Request("GET", "/readyz"), Readiness.read)
