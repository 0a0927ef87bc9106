"""Following the events of a job over as many connections as it takes, without missing one.

Every event that matters has a number, ``seq``, as its id. After a lost connection the next request
says the last one seen (``Last-Event-ID``), and what comes twice is dropped. Only an ``end`` event
is the end: a stream that just stops was lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from trainyard.errors import ConnectionFailed, TimedOut
from trainyard.protocol.answers import refusal
from trainyard.protocol.request import NoResponse, Outcome, Request, path
from trainyard.protocol.retry import RetryPolicy
from trainyard.protocol.sse import Decoder, ServerSentEvent

E_co = TypeVar("E_co", covariant=True)

HEARTBEAT = 45.0
"""Seconds of silence after which a connection counts as lost; the service comments before."""


@dataclass
class Following(Generic[E_co]):
    """The state of one subscription: what was seen last, and how often in a row it failed."""

    job: str
    decode: Callable[[ServerSentEvent], E_co]
    last: int = 0
    retries: RetryPolicy = field(default_factory=RetryPolicy)
    finished: bool = False
    _failures: int = 0
    _decoder: Decoder = field(default_factory=Decoder)

    def request(self) -> Request:
        """The request of the next connection."""
        self._decoder = Decoder()
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(self.last)}
        return Request("GET", path("jobs", self.job, "events"), headers=headers, holds=HEARTBEAT)

    def receive(self, chunk: bytes) -> list[E_co]:
        """The new events that a chunk of the stream completes."""
        events = self._decoder.feed(chunk)
        news = [self.decode(event) for event in events if self._is_new(event)]
        if news or not events:  # a heartbeat is a sign of life too; mere repetition is none
            self._failures = 0
        return news

    def pause(self, outcome: Outcome, chance: float, now: datetime) -> float:
        """Seconds to wait before the next connection; raises the error if it is time to give up."""
        asked = (self._decoder.retry_milliseconds or 0) / 1000
        self._failures += 1
        pause = self.retries.pause(self.request(), outcome, self._failures, chance, now)
        if pause is not None:
            return max(pause, asked)
        if isinstance(outcome, NoResponse):
            raise (TimedOut if outcome.timed_out else ConnectionFailed)(outcome.reason)
        raise refusal(outcome, now)

    def _is_new(self, event: ServerSentEvent) -> bool:
        if self.finished:
            return False
        self.finished = event.name == "end"
        if self.finished or not (event.id.isascii() and event.id.isdigit()):
            return True
        new = int(event.id) > self.last
        self.last = max(self.last, int(event.id))
        return new
