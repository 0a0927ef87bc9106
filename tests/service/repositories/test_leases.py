"""Leases and fencing: only the current attempt of a job writes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.orm import Session

from service.database import clock
from service.database.errors import LeaseLost
from service.database.sessions import Database
from service.epochs import repository as epochs
from service.events import repository as events
from service.jobs import actions
from service.jobs import repository as jobs
from service.lifecycle import leases
from service.lifecycle.leases import Lease, RetryPolicy
from service.vocabulary import JobStatus
from tests.service.stored import PROGRESS, add_job, checkpoint, claim, epoch, save_checkpoint

POLICY = RetryPolicy(max_attempts=3, backoff_seconds=1.0)


def test_the_job_that_waits_longest_is_claimed_first(database: Database) -> None:
    with database.write() as session:
        first, second = add_job(session).id, add_job(session).id
    with database.write() as session:
        assert leases.waiting(session)
        taken = [claim(session).job_id, claim(session).job_id]
        assert not leases.waiting(session)
        assert leases.claim(session, "a worker", 30.0) is None
    assert taken == [first, second]


def test_a_claim_makes_the_job_run_and_its_token_grow(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        first = claim(session)
        leases.finish(session, first, JobStatus.QUEUED, reason="worker_stopped")
        second = claim(session)
    with database.read() as session:
        job = jobs.get(session, job_id).job
    assert (job.status, job.attempt, job.lost_attempts) == ("running", 2, 0)
    assert second.token > first.token
    assert job.started_at is not None


def test_no_job_is_claimed_twice_by_many_workers(database: Database) -> None:
    with database.write() as session:
        ids = {add_job(session).id for _ in range(20)}

    def work(name: int) -> list[str]:
        taken: list[str] = []
        while True:
            with database.write() as session:
                lease = leases.claim(session, f"worker {name}", 30.0)
            if lease is None:
                return taken
            taken.append(lease.job_id)

    with ThreadPoolExecutor(6) as pool:
        taken = [job_id for some in pool.map(work, range(6)) for job_id in some]
    assert sorted(taken) == sorted(ids)


WRITES: dict[str, Callable[[Session, Lease], object]] = {
    "epochs": lambda session, lease: epochs.append(session, lease, [epoch(2)], PROGRESS),
    "progress": lambda session, lease: epochs.append(session, lease, [], PROGRESS),
    "checkpoint": lambda session, lease: save_checkpoint(
        session, lease, checkpoint(2, best=True, last=True), keep=1
    ),
    "columns": lambda session, lease: leases.fenced_update(session, lease, inexact_resume=True),
    "renewal": lambda session, lease: leases.renew(session, lease, 60.0),
    "abandon": lambda session, lease: leases.abandon(session, lease, POLICY, "test"),
}
ENDS: dict[str, Callable[[Session, Lease], object]] = {
    status.value: partial(leases.finish, status=status, reason="test")
    for status in JobStatus
    if status is not JobStatus.RUNNING
}
STALE_WRITES = WRITES | ENDS


@pytest.mark.parametrize("write", STALE_WRITES.values(), ids=STALE_WRITES)
@pytest.mark.parametrize("state", ["taken over", "ended", "paused", "queued"])
def test_a_stale_token_changes_nothing(
    database: Database, write: Callable[[Session, Lease], object], state: str
) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        stale = claim(session)
        epochs.append(session, stale, [epoch(1)], PROGRESS)
        save_checkpoint(session, stale, checkpoint(1, last=True), keep=1)
        if state == "taken over":
            leases.abandon(session, stale, POLICY, "test")
            claim(session, "another worker")
        elif state == "queued":
            leases.abandon(session, stale, POLICY, "test")
        else:
            status = JobStatus.PAUSED if state == "paused" else JobStatus.SUCCEEDED
            leases.finish(session, stale, status, reason="test")
    before = _everything(database, job_id)
    with pytest.raises(LeaseLost), database.write() as session:
        write(session, stale)
    assert _everything(database, job_id) == before


def _everything(database: Database, job_id: str) -> tuple[object, ...]:
    with database.read() as session:
        detail = jobs.get(session, job_id)
        happened = events.page(session, job_id, limit=100)
        values = {key: value for key, value in vars(detail.job).items() if key[0] != "_"}
        return (values, detail.model_id, [(type(event), event.seq) for event in happened])


def test_a_lease_that_is_not_renewed_runs_out_by_the_databases_clock(database: Database) -> None:
    with database.write() as session:
        add_job(session)
        add_job(session)
        kept = claim(session)
        lost = leases.claim(session, "a worker", -1.0)
        assert leases.expired(session) == [lost]
        leases.renew(session, kept, -1.0)
        assert set(leases.expired(session)) == {kept, lost}
        leases.renew(session, kept, 30.0)
        assert leases.expired(session) == [lost]
        assert sorted(name for _, name in leases.owned(session)) == ["a worker", "a worker"]


def test_renewing_tells_what_is_asked_for(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        lease = claim(session)
        assert leases.renew(session, lease, 30.0) is None
        actions.request_pause(session, job_id)
        assert leases.renew(session, lease, 30.0) == "pause"
        assert leases.pending(session, [lease]) == {job_id: "pause"}
        assert epochs.append(session, lease, [epoch(1)], PROGRESS) == "pause"


def test_a_lost_attempt_is_tried_again_and_given_up_after_the_bound(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session).id
    for attempt in (1, 2, 3):
        with database.write() as session:
            jobs.locked(session, job_id).available_at = clock.now(session)
        with database.write() as session:
            job = leases.abandon(session, claim(session), POLICY, "it was killed")
            assert job.status == ("queued" if attempt < 3 else "failed")
    with database.read() as session:
        job = jobs.get(session, job_id).job
    assert job.error is not None
    assert job.error["reason"] == "worker_lost"
    assert "it was killed" in job.error["detail"]
    assert (job.attempt, job.lease_owner, job.lease_expires_at) == (3, None, None)


def test_a_new_checkpoint_counts_as_progress_but_the_same_one_does_not(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        leases.abandon(session, claim(session), POLICY, "test")
        lease = claim(session)
        save_checkpoint(session, lease, checkpoint(1, last=True), keep=1)
        assert jobs.locked(session, job_id).lost_attempts == 0
        leases.abandon(session, lease, POLICY, "test")
        again = claim(session)
        save_checkpoint(session, again, checkpoint(1, last=True), keep=1)
        assert jobs.locked(session, job_id).lost_attempts == 1


def test_the_first_retry_is_at_once_and_later_ones_wait_longer(database: Database) -> None:
    assert [POLICY.delay(lost) for lost in (1, 2, 3, 4)] == [
        timedelta(seconds=seconds) for seconds in (0, 1, 2, 4)
    ]
    with database.write() as session:
        add_job(session)
        leases.abandon(session, claim(session), POLICY, "test")
        leases.abandon(session, claim(session), POLICY, "test")
        assert not leases.waiting(session)


@pytest.mark.parametrize(("asked", "becomes"), [("pause", "paused"), ("cancel", "cancelled")])
def test_what_was_asked_of_a_lost_attempt_is_done(
    database: Database, asked: str, becomes: str
) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        lease = claim(session)
        (actions.request_pause if asked == "pause" else actions.request_cancel)(session, job_id)
        job = leases.abandon(session, lease, POLICY, "test")
        assert (job.status, job.pending_action) == (becomes, None)
