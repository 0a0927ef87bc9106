"""What a running attempt is asked to do, from whichever thread or process."""

from __future__ import annotations

import threading
from enum import StrEnum


class StopRequest(StrEnum):
    """Why an attempt should stop."""

    PAUSE = "pause"
    CANCEL = "cancel"
    STOP = "stop"
    """The worker shuts down: write a checkpoint and give the job back to the queue."""
    ABANDON = "abandon"
    """The lease is lost: stop at once and write nothing."""


_URGENCY = {
    None: 0,
    StopRequest.PAUSE: 1,
    StopRequest.STOP: 2,
    StopRequest.CANCEL: 3,
    StopRequest.ABANDON: 4,
}


class Control:
    """The most urgent request so far. Setting it never blocks, so signal handlers may."""

    def __init__(self) -> None:
        self._request: StopRequest | None = None
        self._lock = threading.RLock()

    def requested(self) -> StopRequest | None:
        """What to do, or None: go on."""
        return self._request

    def ask(self, request: StopRequest) -> None:
        """Ask for something, unless something more urgent was asked for."""
        with self._lock:
            if _URGENCY[request] > _URGENCY[self._request]:
                self._request = request

    def follow(self, pending_action: str | None) -> None:
        """What the job's row says: a pause that was taken back is forgotten."""
        with self._lock:
            if pending_action is not None:
                self.ask(StopRequest(pending_action))
            elif self._request is StopRequest.PAUSE:
                self._request = None
