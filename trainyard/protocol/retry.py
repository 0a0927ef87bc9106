"""When to send a request again, and after which pause.

Exponential backoff with full jitter: the pause before attempt n + 1 is drawn evenly from
[0, min(longest, first * 2^(n-1))], so that clients which failed together do not come back together
(M. Brooker, "Exponential Backoff And Jitter", 2015). A ``Retry-After`` of the service is the least
pause; one longer than ``patience`` is left to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from trainyard.protocol.request import NoResponse, Outcome, Request

__all__ = ["RetryPolicy"]

_PASSING = frozenset({408, 425, 429, 502, 503, 504})


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently to try. ``attempts=1`` never tries again; times in seconds."""

    attempts: int = 4
    first: float = 0.25
    longest: float = 8.0
    patience: float = 60.0

    def pause(
        self, request: Request, outcome: Outcome, attempt: int, chance: float, now: datetime
    ) -> float | None:
        """Seconds until the next attempt, or ``None``: ``outcome`` is final.

        ``attempt`` counts from 1, ``chance`` is a random number in [0, 1), ``now`` the time of day.
        """
        if attempt >= self.attempts or not worth_repeating(request, outcome):
            return None
        asked = 0.0 if isinstance(outcome, NoResponse) else retry_after(outcome.headers, now) or 0.0
        if asked > self.patience:
            return None
        return asked + self.jitter(attempt, chance)

    def jitter(self, attempt: int, chance: float) -> float:
        """A pause from [0, min(longest, first * 2^(attempt-1))], picked by ``chance``."""
        ceiling = self.first
        for _ in range(
            attempt - 1
        ):  # doubling stops at `longest`: no overflow however long it lasts
            if ceiling >= self.longest:
                break
            ceiling *= 2
        return chance * min(self.longest, ceiling)


def worth_repeating(request: Request, outcome: Outcome) -> bool:
    """Whether another attempt is both safe and likely to end otherwise.

    A request that never left may always go again. A conflict is final, unless it is with the
    first request of the same Idempotency-Key.
    """
    if isinstance(outcome, NoResponse):
        return request.repeatable or not outcome.sent
    return request.repeatable and (outcome.status in _PASSING or is_still_running(outcome))


def is_still_running(outcome: Outcome) -> bool:
    """Whether the first request with this Idempotency-Key is not answered yet.

    Of all conflicts it is the only one for which the service says when to come back.
    """
    if isinstance(outcome, NoResponse):
        return False
    return outcome.status == 409 and "retry-after" in outcome.headers


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, given as a number or as a date."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
