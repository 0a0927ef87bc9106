"""Idempotency keys: a request sent twice is done once.

1. `begin` in a transaction of its own, before the work: NEW (go on), REPLAY (send the stored
   answer), RUNNING (409), MISMATCH (422).
2. `complete` in the same transaction as the work, so that both are stored or neither.
3. `forget` when the work was refused or failed: the client may mend its request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from service.database import clock
from service.database.tables import IdempotencyKey

LOCK = timedelta(minutes=5)
"""A request that has not ended after this long is taken to have died with its process."""


class Outcome(StrEnum):
    """What to do with a request that carries a key."""

    NEW = "new"
    REPLAY = "replay"
    RUNNING = "running"
    MISMATCH = "mismatch"


@dataclass(frozen=True)
class Answer:
    """A stored HTTP answer."""

    status_code: int
    headers: dict[str, Any]
    body: bytes


@dataclass(frozen=True)
class Begun:
    """The outcome, with the answer when it is a replay."""

    outcome: Outcome
    answer: Answer | None = None


def begin(session: Session, *, scope: str, key: str, body_sha256: str) -> Begun:
    """Take a key for a request. `scope` is the caller, the method and the path."""
    now = clock.now(session)
    row = IdempotencyKey(
        scope=scope,
        key=key,
        body_sha256=body_sha256,
        locked_until=now + LOCK,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return _judge(session, scope, key, body_sha256)
    return Begun(Outcome.NEW)


def complete(session: Session, *, scope: str, key: str, answer: Answer) -> None:
    """Store the answer; the same request gets it from now on."""
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.scope == scope, IdempotencyKey.key == key)
        .values(status_code=answer.status_code, headers=answer.headers, body=answer.body)
    )


def forget(session: Session, *, scope: str, key: str) -> None:
    """Give a key back that has no answer."""
    session.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.scope == scope,
            IdempotencyKey.key == key,
            IdempotencyKey.status_code.is_(None),
        )
    )


def purge(session: Session, older_than: timedelta) -> None:
    """Delete keys that are older than they are promised to be kept."""
    cut = clock.now(session) - older_than
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < cut))


def _judge(session: Session, scope: str, key: str, body_sha256: str) -> Begun:
    row = session.get(IdempotencyKey, (scope, key), with_for_update=True, populate_existing=True)
    if row is None:
        return Begun(Outcome.RUNNING)
    if row.body_sha256 != body_sha256:
        return Begun(Outcome.MISMATCH)
    if row.status_code is not None:
        return Begun(Outcome.REPLAY, Answer(row.status_code, row.headers or {}, row.body or b""))
    now = clock.now(session)
    if row.locked_until > now:
        return Begun(Outcome.RUNNING)
    row.locked_until = now + LOCK
    return Begun(Outcome.NEW)
