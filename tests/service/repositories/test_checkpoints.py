"""Checkpoints: bytes in chunks, three roles, and a model that follows the best."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.database import clock
from service.database.chunks import CHUNK_BYTES
from service.database.errors import RowNotFound
from service.database.sessions import Database
from service.database.tables import Checkpoint, CheckpointChunk
from service.epochs import repository as epochs
from service.events import repository as events
from service.jobs import repository as jobs
from service.lifecycle import leases
from service.lifecycle.leases import Lease
from service.models import repository as models
from service.vocabulary import JobStatus
from tests.service.stored import PROGRESS, add_job, checkpoint, claim, epoch, save_checkpoint


def started(database: Database) -> Lease:
    with database.write() as session:
        add_job(session, name="a job")
        return claim(session)


def save(session: Session, lease: Lease, number: int, **given: Any) -> Checkpoint:
    return save_checkpoint(session, lease, checkpoint(number, **given), keep=2)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7])
def test_bytes_come_back_as_they_were(database: Database, size: int) -> None:
    lease = started(database)
    state = bytes(index % 251 for index in range(1024)) * (size // 1024 + 1)
    with database.write() as session:
        new = checkpoint(1, state[:size], last=True)
        saved = save_checkpoint(session, lease, new, keep=1)
    with database.read() as session:
        found = checkpoints.get(session, lease.job_id, 1)
        assert checkpoints.read_state(session, found) == state[:size]
    assert (saved.size_bytes, saved.chunks) == (size, -(-size // CHUNK_BYTES))


def test_damaged_bytes_are_noticed(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        save(session, lease, 1, last=True)
        session.execute(update(CheckpointChunk).values(data=b"other"))
    with database.read() as session, pytest.raises(ValueError, match="damaged"):
        checkpoints.read_state(session, checkpoints.get(session, lease.job_id, 1))


def test_the_best_the_last_and_the_newest_periodic_ones_are_kept(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        for number in range(1, 9):
            save(session, lease, number, periodic=number % 2 == 0, best=number == 3, last=True)
    with database.read() as session:
        kept = checkpoints.page(session, lease.job_id, limit=20)
        every = checkpoints.page(session, lease.job_id, limit=20, available=None)
        chunks = session.scalars(select(func.count()).select_from(CheckpointChunk)).one()
        last = checkpoints.last(session, lease.job_id)
        with pytest.raises(RowNotFound):
            checkpoints.get(session, lease.job_id, 1)
        with pytest.raises(RowNotFound):
            checkpoints.read_state(session, every[0])
    assert [(row.epoch, row.best, row.last, row.periodic) for row in kept] == [
        (3, True, False, False),
        (6, False, False, True),
        (8, False, True, True),
    ]
    assert [row.epoch for row in every] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert chunks == 3
    assert last is not None
    assert last.epoch == 8


def test_a_state_saved_again_gets_its_new_roles_and_no_new_number(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        first = save(session, lease, 1, best=True)
        again = save(session, lease, 1, last=True)
        assert (again.seq, again.best, again.last) == (first.seq, True, True)
        assert jobs.locked(session, lease.job_id).seq == first.seq


def test_a_dropped_state_that_is_saved_again_has_its_bytes_back(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        save(session, lease, 1, last=True)
        save(session, lease, 2, last=True)
        save(session, lease, 1, best=True)
    with database.read() as session:
        found = checkpoints.get(session, lease.job_id, 1)
        assert checkpoints.read_state(session, found) == b"state 1"


def test_the_model_exists_from_the_first_checkpoint_and_follows_the_best(
    database: Database,
) -> None:
    lease = started(database)
    with database.write() as session:
        assert models.of_job(session, lease.job_id) is None
        first = save(session, lease, 1, last=True)
        model = models.of_job(session, lease.job_id)
        assert model is not None
        assert (model.checkpoint_seq, model.revision, model.name) == (first.seq, 1, "a job")
        second = save(session, lease, 2, last=True)
        assert (model.checkpoint_seq, model.revision) == (second.seq, 2)
        best = save(session, lease, 3, best=True)
        assert (model.checkpoint_seq, model.revision, model.final) == (best.seq, 3, False)
        save(session, lease, 4, last=True)
        assert model.checkpoint_seq == best.seq
        leases.finish(session, lease, JobStatus.CANCELLED, reason="cancelled")
    with database.read() as session:
        found = models.get(session, model.id)
        assert found.final
        assert jobs.get(session, lease.job_id).model_id == model.id
        assert [row.id for row in models.page(session, limit=5).items] == [model.id]
        pointed = checkpoints.get_by_seq(session, lease.job_id, found.checkpoint_seq)
        assert checkpoints.read_state(session, pointed) == b"state 3"
        with pytest.raises(RowNotFound):
            models.get(session, "mdl_none")


def test_the_checkpoint_that_the_model_points_to_is_always_kept(database: Database) -> None:
    """Before the first epoch ends there is no best one: the model follows the newest."""
    lease = started(database)
    with database.write() as session:
        save(session, lease, 1, periodic=True)
        for number in range(2, 6):
            save(session, lease, number, periodic=True)
        model = models.of_job(session, lease.job_id)
        assert model is not None
        pointed = checkpoints.get_by_seq(session, lease.job_id, model.checkpoint_seq)
        assert checkpoints.read_state(session, pointed)


def test_the_sequence_of_a_job_has_no_gaps(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        for number in range(1, 6):
            epochs.append(session, lease, [epoch(number)], PROGRESS)
            save(session, lease, number, last=True, best=number < 3)
        leases.finish(session, lease, JobStatus.SUCCEEDED, reason="completed")
    with database.read() as session:
        everything = events.page(session, lease.job_id, limit=100)
        pages, after = [], 0
        while some := events.page(session, lease.job_id, after=after, limit=4):
            pages += some
            after = some[-1].seq
    assert [event.seq for event in everything] == list(range(1, 14))
    assert pages == everything


def test_a_job_gone_takes_its_checkpoints_and_model_along(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        save(session, lease, 1, best=True)
        leases.finish(session, lease, JobStatus.SUCCEEDED, reason="completed")
        jobs.remove(session, lease.job_id)
    with database.read() as session:
        assert models.page(session, limit=5).items == []
        assert session.scalars(select(func.count()).select_from(CheckpointChunk)).one() == 0


def test_the_clock_is_the_databases_and_in_utc(database: Database) -> None:
    with database.read() as session:
        offset = clock.now(session).utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0
