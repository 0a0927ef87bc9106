"""Datasets: one per content and task, kept while a live job uses it."""

import pytest

from service.database.errors import Conflict, RowNotFound
from service.database.sessions import Database
from service.datasets import repository as datasets
from service.jobs import actions
from service.jobs import repository as jobs
from tests.service.stored import TASK, add_dataset, add_job


def test_the_same_content_and_task_are_one_dataset(database: Database) -> None:
    with database.write() as session:
        first = add_dataset(session)
        again = add_dataset(session)
        other = add_dataset(session, "b")
        assert again.id == first.id
        assert other.id != first.id


def test_another_task_on_the_same_content_is_another_dataset() -> None:
    assert datasets.identity("a", TASK) != datasets.identity("a", TASK | {"target": "z"})
    assert datasets.identity("a", TASK) == datasets.identity("a", dict(reversed(TASK.items())))


def test_pages_are_newest_first(database: Database) -> None:
    with database.write() as session:
        ids = [add_dataset(session, content).id for content in "abc"]
        first = datasets.page(session, limit=2)
        second = datasets.page(session, limit=2, cursor=first.next_cursor)
    assert [row.id for row in first.items + second.items] == ids[::-1]
    assert second.next_cursor is None


@pytest.mark.parametrize("status", ["queued", "paused"])
def test_a_dataset_that_a_live_job_uses_is_not_deleted(database: Database, status: str) -> None:
    with database.write() as session:
        job = add_job(session)
        if status == "paused":
            actions.request_pause(session, job.id)
        dataset_id = job.dataset_id
        assert dataset_id is not None
    with pytest.raises(Conflict, match=job.id), database.write() as session:
        datasets.delete(session, dataset_id)


def test_a_finished_job_outlives_its_dataset(database: Database) -> None:
    with database.write() as session:
        job = add_job(session)
        actions.request_cancel(session, job.id)
        dataset_id = job.dataset_id
        assert dataset_id is not None
        key = datasets.get(session, dataset_id).storage_key
    with database.write() as session:
        assert datasets.delete(session, dataset_id) == key
    with database.read() as session:
        kept = jobs.get(session, job.id).job
        with pytest.raises(RowNotFound):
            datasets.get(session, dataset_id)
    assert (kept.dataset_id, kept.dataset_sha256) == (None, "a" * 64)


def test_what_another_dataset_shares_stays_in_the_storage(database: Database) -> None:
    with database.write() as session:
        first = add_dataset(session)
        other, _ = datasets.create(
            session,
            name="another target",
            sha256=first.sha256,
            storage_key=first.storage_key,
            source=first.source,
            rows=first.rows,
            size_bytes=first.size_bytes,
            columns=first.columns,
            task=TASK | {"target": "z"},
        )
        key = first.storage_key
        assert datasets.delete(session, first.id) == key
        assert datasets.refers_to(session, key)
        assert datasets.delete(session, other.id) == key
        assert not datasets.refers_to(session, key)


def test_a_dataset_that_does_not_exist(database: Database) -> None:
    with database.write() as session:
        with pytest.raises(RowNotFound):
            datasets.delete(session, "ds_none")
        with pytest.raises(RowNotFound):
            add_job(session, dataset_id="ds_none")
