"""Epochs: appended once, read in pages, thinned out without losing the shape of the curve."""

import math
import struct

import pytest

from service.database.sessions import Database
from service.database.tables import Epoch
from service.epochs import repository as epochs
from service.epochs.repository import Progress, Selection
from service.jobs import repository as jobs
from service.lifecycle.leases import Lease
from tests.service.stored import PROGRESS, add_job, claim, epoch


def started(database: Database) -> Lease:
    with database.write() as session:
        add_job(session)
        return claim(session)


def write(database: Database, lease: Lease, rows: list[epochs.NewEpoch]) -> None:
    with database.write() as session:
        epochs.append(session, lease, rows, PROGRESS)


def test_epochs_are_typed_rows_in_the_jobs_sequence(database: Database) -> None:
    lease = started(database)
    row = epoch(
        1,
        train={"loss": 0.5, "accuracy": 0.75},
        validation={"loss": 0.6, "accuracy": 0.5},
        learning_rate=0.01,
        samples=12,
    )
    write(database, lease, [row, epoch(2, validation=None)])
    with database.read() as session:
        first, second = epochs.page(session, lease.job_id, limit=10)
        job = jobs.get(session, lease.job_id).job
        assert epochs.get(session, lease.job_id, 2) is second
        assert epochs.get(session, lease.job_id, 3) is None
    assert (first.seq, second.seq, job.seq) == (3, 4, 4)
    assert (first.train_loss, first.train_accuracy, first.train_mae) == (0.5, 0.75, None)
    assert (first.validation_loss, first.validation_accuracy) == (0.6, 0.5)
    assert (first.learning_rate, first.samples, first.attempt) == (0.01, 12, 1)
    assert (second.validation_loss, second.non_finite) == (None, None)


@pytest.mark.parametrize("value", [0.1 + 0.2, 5e-324, 1.7976931348623157e308, -0.0])
def test_a_metric_without_a_column_is_stored_with_every_bit(
    database: Database, value: float
) -> None:
    lease = started(database)
    write(database, lease, [epoch(1, train={"loss": 1.0, "f1": value}, validation=None), epoch(2)])
    with database.read() as session:
        first, second = epochs.page(session, lease.job_id, limit=10)
    assert list(first.train) == ["loss", "f1"]
    assert struct.pack("d", first.train["f1"]) == struct.pack("d", value)
    assert (first.validation, first.gap) == (None, None)
    assert (second.train, second.other_metrics) == ({"loss": 0.5}, None)


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_what_is_not_finite_is_null_with_a_word_for_it(database: Database, value: float) -> None:
    lease = started(database)
    write(
        database,
        lease,
        [epoch(1, train={"loss": value, "r2": 0.5}, validation={"r2": value, "f1": value})],
    )
    with database.read() as session:
        [row] = epochs.page(session, lease.job_id, limit=10)
    assert (row.train_loss, row.train_r2, row.validation_r2) == (None, 0.5, None)
    assert row.validation == {"r2": None, "f1": None}
    names = ("train_loss", "validation_r2", "validation_f1")
    assert row.non_finite == dict.fromkeys(names, str(value))


def test_floats_come_back_with_every_bit(database: Database) -> None:
    lease = started(database)
    values = [0.1 + 0.2, 1e-300, 1.7976931348623157e308, 5e-324]
    rows = [epoch(n, value) for n, value in enumerate(values, start=1)]
    write(database, lease, rows)
    with database.read() as session:
        found = epochs.page(session, lease.job_id, limit=10)
    assert [row.train_loss for row in found] == values


def test_pages_go_on_after_the_last_number(database: Database) -> None:
    lease = started(database)
    write(database, lease, [epoch(n) for n in range(1, 8)])
    with database.read() as session:
        first = epochs.page(session, lease.job_id, limit=3)
        second = epochs.page(session, lease.job_id, Selection(first[-1].seq), limit=3)
        third = epochs.page(session, lease.job_id, Selection(second[-1].seq), limit=3)
    assert [row.epoch for row in first + second + third] == [1, 2, 3, 4, 5, 6, 7]


def test_pages_end_where_they_are_told_to(database: Database) -> None:
    lease = started(database)
    write(database, lease, [epoch(n) for n in range(1, 8)])
    with database.read() as session:
        whole = epochs.page(session, lease.job_id, limit=10)
        part = Selection(after=whole[1].seq, before=whole[5].seq)
        found = epochs.page(session, lease.job_id, part, limit=10)
        first = epochs.page(session, lease.job_id, part, limit=2)
        none = Selection(after=whole[1].seq, before=whole[1].seq + 1)
        assert epochs.page(session, lease.job_id, none, limit=10) == []
    assert [row.epoch for row in found] == [3, 4, 5]
    assert first == found[:2]


def test_epochs_that_an_earlier_attempt_wrote_are_left_as_they_are(database: Database) -> None:
    lease = started(database)
    write(database, lease, [epoch(1, 0.9), epoch(2, 0.8, improved=True)])
    write(database, lease, [epoch(2, 0.1), epoch(3, 0.7)])
    with database.read() as session:
        rows = epochs.page(session, lease.job_id, limit=10)
        detail = jobs.get(session, lease.job_id)
    assert [(row.seq, row.epoch, row.train_loss) for row in rows] == [
        (3, 1, 0.9),
        (4, 2, 0.8),
        (5, 3, 0.7),
    ]
    assert detail.latest is not None
    assert detail.best is not None
    assert (detail.latest.epoch, detail.best.epoch) == (3, 2)


def test_progress_is_written_with_the_epochs(database: Database) -> None:
    lease = started(database)
    with database.write() as session:
        epochs.append(session, lease, [], Progress(4, 0.4, 1000.0, 6.0))
    with database.read() as session:
        job = jobs.get(session, lease.job_id).job
    assert (job.epoch, job.fraction, job.samples_per_second, job.eta_seconds) == (4, 0.4, 1e3, 6.0)


def sample(database: Database, lease: Lease, max_points: int) -> list[Epoch]:
    with database.read() as session:
        return epochs.sampled(session, lease.job_id, max_points=max_points)


@pytest.mark.parametrize("count", [1, 2, 7, 50, 333])
@pytest.mark.parametrize("max_points", [8, 40, 400])
def test_a_sample_is_bounded_and_keeps_first_last_and_extremes(
    database: Database, count: int, max_points: int
) -> None:
    lease = started(database)
    losses = {n: math.sin(n) + (5 if n == count // 2 else 0) for n in range(1, count + 1)}
    write(database, lease, [epoch(n, loss) for n, loss in losses.items()])
    kept = [row.epoch for row in sample(database, lease, max_points)]
    assert len(kept) <= max_points
    assert kept == sorted(set(kept))
    assert {1, count, min(losses, key=losses.__getitem__), max(losses, key=losses.__getitem__)} <= {
        *kept
    }
    if count <= max_points:
        assert len(kept) == count


def test_a_growing_curve_does_not_jump(database: Database) -> None:
    """Within full buckets the same rows are kept while more are appended."""
    lease = started(database)
    write(database, lease, [epoch(n, math.sin(n)) for n in range(1, 101)])
    before = {row.epoch for row in sample(database, lease, 40) if row.epoch <= 96}
    write(database, lease, [epoch(n, math.sin(n)) for n in range(101, 105)])
    after = {row.epoch for row in sample(database, lease, 40) if row.epoch <= 96}
    assert before == after


def test_a_sample_may_begin_later_and_be_of_the_training_loss(database: Database) -> None:
    lease = started(database)
    write(database, lease, [epoch(n, -abs(n - 70), validation=None) for n in range(1, 101)])
    with database.read() as session:
        found = epochs.sampled(session, lease.job_id, Selection(after=52), max_points=12)
    assert found[0].epoch == 51
    assert found[-1].epoch == 100
    assert 70 in [row.epoch for row in found]


def part(database: Database, lease: Lease, first: int, last: int) -> list[int]:
    """The epochs that are kept of those from `first` to `last`, of 16 points at most."""
    with database.read() as session:
        rows = epochs.page(session, lease.job_id, limit=1000)
        selection = Selection(after=rows[first - 1].seq - 1, before=rows[last - 1].seq + 1)
        found = epochs.sampled(session, lease.job_id, selection, max_points=16)
    return [row.epoch for row in found]


def test_a_sample_of_a_part_is_finer_and_keeps_its_ends(database: Database) -> None:
    lease = started(database)
    losses = {n: math.sin(n) for n in range(1, 201)}
    write(database, lease, [epoch(n, loss) for n, loss in losses.items()])
    found = part(database, lease, 71, 110)
    assert (found[0], found[-1]) == (71, 110)
    assert len(found) <= 16
    whole = [row.epoch for row in sample(database, lease, 16) if 71 <= row.epoch <= 110]
    assert len(found) > len(whole)
    within = range(71, 111)
    assert {min(within, key=losses.__getitem__), max(within, key=losses.__getitem__)} <= {*found}


def test_the_borders_of_a_part_do_not_move_with_it(database: Database) -> None:
    """What full buckets keep stays while the part is moved to and fro."""
    lease = started(database)
    write(database, lease, [epoch(n, math.sin(n)) for n in range(1, 201)])
    full = [
        [row for row in part(database, lease, first, first + 32) if 80 < row <= 96]
        for first in range(66, 81)
    ]
    assert len(full[0]) >= 4
    assert all(kept == full[0] for kept in full)


def test_a_sample_of_a_loss_that_is_never_finite(database: Database) -> None:
    lease = started(database)
    rows = [epoch(n, train={"loss": math.nan}, validation=None) for n in range(1, 31)]
    write(database, lease, rows)
    kept = [row.epoch for row in sample(database, lease, 10)]
    assert (kept[0], kept[-1]) == (1, 30)


def test_a_sample_of_nothing_is_empty(database: Database) -> None:
    assert sample(database, started(database), 10) == []
