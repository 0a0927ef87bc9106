"""Jobs as clients see and steer them."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from service.database.errors import Conflict, RowNotFound
from service.database.sessions import Database
from service.database.tables import Job
from service.epochs import repository as epochs
from service.jobs import actions
from service.jobs import repository as jobs
from service.lifecycle import leases, transitions
from service.vocabulary import TERMINAL, JobStatus
from tests.service.stored import PROGRESS, add_job, claim, epoch

Q, R, P, S, F, C = (status.value for status in JobStatus)


def bring_to(session: Session, status: str, pending: str | None) -> Job:
    """A job of this status with this pending action."""
    job = add_job(session)
    if status == JobStatus.PAUSED:
        actions.request_pause(session, job.id)
    elif status == JobStatus.CANCELLED:
        actions.request_cancel(session, job.id)
    elif status != JobStatus.QUEUED:
        lease = claim(session)
        if status != JobStatus.RUNNING:
            leases.finish(session, lease, JobStatus(status), reason="test")
    if pending == "pause":
        actions.request_pause(session, job.id)
    if pending == "cancel":
        actions.request_cancel(session, job.id)
    return job


def test_a_new_job_is_queued_and_its_first_transition_is_number_one(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session, name="first", tags=["a"], user_metadata={"k": 1}).id
    with database.read() as session:
        detail = jobs.get(session, job_id)
        [first] = transitions.page(session, job_id, limit=10)
    assert (detail.job.status, detail.job.seq, detail.job.attempt) == ("queued", 1, 0)
    assert (detail.job.name, detail.job.tags, detail.job.user_metadata) == (
        "first",
        ["a"],
        {"k": 1},
    )
    assert (detail.latest, detail.best, detail.model_id) == (None, None, None)
    assert (first.seq, first.from_status, first.to_status) == (1, None, "queued")
    assert detail.job.created_at.utcoffset() is not None


@pytest.mark.parametrize(
    ("status", "pending", "request_", "expected"),
    [
        (Q, None, actions.request_pause, (P, None)),
        (Q, None, actions.request_resume, (Q, None)),
        (Q, None, actions.request_cancel, (C, None)),
        (R, None, actions.request_pause, (R, "pause")),
        (R, None, actions.request_resume, (R, None)),
        (R, None, actions.request_cancel, (R, "cancel")),
        (R, "pause", actions.request_pause, (R, "pause")),
        (R, "pause", actions.request_resume, (R, None)),
        (R, "pause", actions.request_cancel, (R, "cancel")),
        (R, "cancel", actions.request_pause, Conflict),
        (R, "cancel", actions.request_resume, Conflict),
        (R, "cancel", actions.request_cancel, (R, "cancel")),
        (P, None, actions.request_pause, (P, None)),
        (P, None, actions.request_resume, (Q, None)),
        (P, None, actions.request_cancel, (C, None)),
        (S, None, actions.request_pause, Conflict),
        (S, None, actions.request_resume, Conflict),
        (S, None, actions.request_cancel, Conflict),
        (F, None, actions.request_pause, Conflict),
        (F, None, actions.request_resume, Conflict),
        (F, None, actions.request_cancel, Conflict),
        (C, None, actions.request_pause, Conflict),
        (C, None, actions.request_resume, Conflict),
        (C, None, actions.request_cancel, (C, None)),
    ],
)
def test_requests(
    database: Database,
    status: str,
    pending: str | None,
    request_: Callable[[Session, str], Job],
    expected: tuple[str, str | None] | type[Conflict],
) -> None:
    with database.write() as session:
        job_id = bring_to(session, status, pending).id
    if isinstance(expected, tuple):
        with database.write() as session:
            job = request_(session, job_id)
            assert (job.status, job.pending_action) == expected
    else:
        with pytest.raises(expected), database.write() as session:
            request_(session, job_id)
        with database.read() as session:
            assert jobs.get(session, job_id).job.status == status


def test_a_request_that_changes_nothing_leaves_the_revision_alone(database: Database) -> None:
    with database.write() as session:
        job = bring_to(session, P, None)
        before = job.revision
        actions.request_pause(session, job.id)
        assert job.revision == before


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_terminal_status_never_changes(database: Database, status: str) -> None:
    with database.write() as session:
        job = bring_to(session, status, None)
        for other in JobStatus:
            with pytest.raises(Conflict):
                transitions.move(session, job, other, reason="test")


def test_pages_are_newest_first_and_filtered(database: Database) -> None:
    with database.write() as session:
        ids = [add_job(session, tags=["even" if n % 2 == 0 else "odd"]).id for n in range(5)]
        actions.request_cancel(session, ids[0])
    with database.read() as session:
        first = jobs.page(session, limit=2)
        second = jobs.page(session, limit=2, cursor=first.next_cursor)
        third = jobs.page(session, limit=2, cursor=second.next_cursor)
        even = jobs.page(session, limit=10, tag="even")
        queued = jobs.page(session, limit=10, tag="even", statuses=[JobStatus.QUEUED])
    seen = [detail.id for page in (first, second, third) for detail in page.items]
    assert seen == ids[::-1]
    assert third.next_cursor is None
    assert [detail.id for detail in even.items] == [ids[4], ids[2], ids[0]]
    assert [detail.id for detail in queued.items] == [ids[4], ids[2]]


def test_a_page_that_is_just_full_has_no_next_one(database: Database) -> None:
    with database.write() as session:
        add_job(session)
        add_job(session)
        assert jobs.page(session, limit=2).next_cursor is None


def test_a_tag_is_matched_whole(database: Database) -> None:
    with database.write() as session:
        add_job(session, tags=["a%", 'say "b"'])
        assert len(jobs.page(session, limit=5, tag='say "b"').items) == 1
        assert jobs.page(session, limit=5, tag="a").items == []


def test_a_job_shows_its_latest_and_best_epoch(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        rows = [epoch(1, 0.9, improved=True), epoch(2, 0.5, improved=True), epoch(3, 0.7)]
        epochs.append(session, claim(session), rows, PROGRESS)
    with database.read() as session:
        detail = jobs.get(session, job_id)
    assert detail.latest is not None
    assert detail.best is not None
    assert (detail.latest.epoch, detail.best.epoch, detail.job.fraction) == (3, 2, 0.1)


def test_a_change_leaves_out_what_is_not_given(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session, name="old", tags=["t"]).id
        before = jobs.get(session, job_id).job.revision
        jobs.change(session, job_id, name=None, user_metadata={"x": [1]})
    with database.read() as session:
        job = jobs.get(session, job_id).job
    assert (job.name, job.tags, job.user_metadata) == (None, ["t"], {"x": [1]})
    assert job.revision > before


def test_removing_takes_everything_but_not_from_a_running_job(database: Database) -> None:
    with database.write() as session:
        job_id = add_job(session).id
        lease = claim(session)
        epochs.append(session, lease, [epoch(1)], PROGRESS)
    with pytest.raises(Conflict), database.write() as session:
        jobs.remove(session, job_id)
    with database.write() as session:
        leases.finish(session, lease, JobStatus.SUCCEEDED, reason="completed")
        jobs.remove(session, job_id)
    with database.read() as session:
        assert epochs.page(session, job_id, limit=5) == []
        assert transitions.page(session, job_id, limit=5) == []
        with pytest.raises(RowNotFound):
            jobs.get(session, job_id)


def test_marks_tell_what_changed_and_leave_out_what_is_gone(database: Database) -> None:
    with database.write() as session:
        first, second = add_job(session).id, add_job(session).id
    with database.read() as session:
        before = jobs.VERSION.among(session, [first, second, "job_none"])
    with database.write() as session:
        actions.request_cancel(session, first)
    with database.read() as session:
        after = jobs.VERSION.among(session, [first, second])
    assert set(before) == {first, second}
    assert after[first] != before[first]
    assert after[first].ended
    assert after[second] == before[second]


def test_counts_name_every_status(database: Database) -> None:
    with database.write() as session:
        add_job(session)
        actions.request_cancel(session, add_job(session).id)
        found = jobs.counts(session)
    assert set(found) == set(JobStatus)
    assert (found[JobStatus.QUEUED], found[JobStatus.CANCELLED]) == (1, 1)
    assert found[JobStatus.FAILED] == 0


@pytest.mark.parametrize(
    "work",
    [jobs.get, actions.request_pause, actions.request_resume, actions.request_cancel, jobs.remove],
)
def test_a_job_that_does_not_exist(
    database: Database, work: Callable[[Session, str], object]
) -> None:
    with pytest.raises(RowNotFound), database.write() as session:
        work(session, "job_none")
