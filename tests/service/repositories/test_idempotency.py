"""A request sent twice is done once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from service.database import clock
from service.database.sessions import Database
from service.database.tables import IdempotencyKey
from service.idempotency import repository as idempotency
from service.idempotency.repository import Answer, Begun, Outcome

ANSWER = Answer(202, {"location": "/v1/jobs/job_1"}, b'{"id": "job_1"}')


def begin(session: Session, body: str = "a", key: str = "k", scope: str = "POST /v1/jobs") -> Begun:
    return idempotency.begin(session, scope=scope, key=key, body_sha256=body * 64)


def test_the_life_of_a_key(database: Database) -> None:
    with database.write() as session:
        assert begin(session) == Begun(Outcome.NEW)
    with database.write() as session:
        assert begin(session).outcome is Outcome.RUNNING
        assert begin(session, body="b").outcome is Outcome.MISMATCH
        assert begin(session, scope="POST /v1/datasets").outcome is Outcome.NEW
        idempotency.complete(session, scope="POST /v1/jobs", key="k", answer=ANSWER)
    with database.write() as session:
        assert begin(session) == Begun(Outcome.REPLAY, ANSWER)
        assert begin(session, body="b").outcome is Outcome.MISMATCH


def test_a_forgotten_key_is_new_but_an_answer_is_not_forgotten(database: Database) -> None:
    with database.write() as session:
        begin(session)
        idempotency.forget(session, scope="POST /v1/jobs", key="k")
        assert begin(session).outcome is Outcome.NEW
        idempotency.complete(session, scope="POST /v1/jobs", key="k", answer=ANSWER)
        idempotency.forget(session, scope="POST /v1/jobs", key="k")
        assert begin(session).outcome is Outcome.REPLAY


def test_a_request_that_died_is_locked_over(database: Database) -> None:
    with database.write() as session:
        begin(session)
        past = clock.now(session) - timedelta(seconds=1)
        session.execute(update(IdempotencyKey).values(locked_until=past))
    with database.write() as session:
        assert begin(session).outcome is Outcome.NEW
        assert begin(session).outcome is Outcome.RUNNING


def test_of_many_at_once_one_is_the_first(database: Database) -> None:
    def work(_: int) -> Outcome:
        with database.write() as session:
            return begin(session).outcome

    with ThreadPoolExecutor(5) as pool:
        outcomes = sorted(pool.map(work, range(5)))
    assert outcomes == [Outcome.NEW, *[Outcome.RUNNING] * 4]


def test_old_keys_are_purged(database: Database) -> None:
    with database.write() as session:
        begin(session)
        idempotency.purge(session, older_than=timedelta(hours=1))
        assert begin(session).outcome is Outcome.RUNNING
        idempotency.purge(session, older_than=timedelta(seconds=-1))
        assert begin(session).outcome is Outcome.NEW
