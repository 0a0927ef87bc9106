"""A piece of work as a row of requests and pauses, whoever carries them out.

What is tried again, when and how often, and what an answer means is decided here, once for all
clients: they only send a :class:`Request`, or let the time of a :class:`Pause` pass.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from trainyard.protocol.answers import answer
from trainyard.protocol.request import Call, Outcome, Pause, Request, Steps
from trainyard.protocol.retry import RetryPolicy, is_still_running

T = TypeVar("T")

Exchange: TypeAlias = Generator[Request | Pause, Outcome | None, T]
"""Each request yielded is answered with its outcome, each pause with nothing."""


def exchange(work: Call[T] | Steps[T], retries: RetryPolicy) -> Exchange[T]:
    """Carry out a call, or the steps that a generator yields; the result is what they give."""
    if isinstance(work, Call):
        return (yield from _call(work, retries))
    try:
        step = next(work)
        while True:
            if isinstance(step, Pause):
                yield step
                step = work.send(None)
            else:
                step = work.send((yield from _call(step, retries)))
    except StopIteration as end:
        result: T = end.value
        return result


def now() -> datetime:
    """The time of day, with its zone."""
    return datetime.now(UTC)


def _call(call: Call[T], retries: RetryPolicy) -> Exchange[T]:
    """Send a request, again where the policy says so, and read its last outcome.

    To be told that the first request still runs is no failed attempt: it is waited for, as long as
    the policy is patient.
    """
    attempt, waited = 1, 0.0
    while True:
        outcome = yield call.request
        assert outcome is not None, "a request is answered with its outcome"
        pause = retries.pause(call.request, outcome, attempt, random.random(), now())
        if pause is None:
            return answer(call, outcome, now())
        yield Pause(pause)
        if is_still_running(outcome) and waited < retries.patience:
            waited += pause
        else:
            attempt += 1
