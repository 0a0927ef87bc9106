"""Sessions and the traps of SQLite."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError, StatementError

from service.database.errors import RowNotFound
from service.database.sessions import Database, journal_mode
from service.database.tables import Job, Transition
from service.jobs import repository as jobs
from service.settings import Settings
from tests.service.stored import add_job


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "DELETE"),
        ((3, 44, 5), "DELETE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "DELETE"),
        ((3, 50, 6), "DELETE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((3, 60, 0), "WAL"),
    ],
)
def test_the_write_ahead_log_is_used_where_its_reset_is_safe(
    version: tuple[int, int, int], mode: str
) -> None:
    assert journal_mode(version) == mode


def test_every_connection_to_sqlite_is_set_up(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/made/on/the/way.sqlite3")
    with database.read() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("foreign_keys", "journal_mode", "busy_timeout", "synchronous")
        }
    database.close()
    mode = journal_mode(sqlite3.sqlite_version_info[:3]).lower()
    assert pragmas == {
        "foreign_keys": 1,
        "journal_mode": mode,
        "busy_timeout": 30_000,
        "synchronous": 2,
    }


def test_reading_then_writing_at_once_loses_nothing(database_url: str) -> None:
    """Each thread has its own engine, as each process has."""
    first = Database(database_url)
    with first.write() as session:
        job_id = add_job(session).id

    def count(_: int) -> None:
        own = Database(database_url, pool_size=1)
        for _ in range(10):
            with own.write() as session:
                before = jobs.locked(session, job_id).epoch
                session.execute(update(Job).values(epoch=before + 1))
        own.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    with first.read() as session:
        assert jobs.get(session, job_id).job.epoch == 40
    first.close()


@pytest.mark.postgres
def test_all_queries_of_a_reader_see_the_same_moment(postgres_database: Database) -> None:
    """With the rollback journal of SQLite nobody could write meanwhile."""
    with postgres_database.read() as session:
        before = list(session.scalars(select(Job.id)))
        with postgres_database.write() as other:
            add_job(other)
        assert list(session.scalars(select(Job.id))) == before == []
    with postgres_database.read() as session:
        assert len(list(session.scalars(select(Job.id)))) == 1


def test_an_exception_rolls_everything_back(database: Database) -> None:
    with pytest.raises(RowNotFound), database.write() as session:
        jobs.remove(session, add_job(session).id + "x")
    with database.read() as session:
        assert session.scalars(select(Job)).all() == []


def test_references_and_words_are_checked(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(
            Transition(
                job_id="job_none",
                seq=1,
                attempt=1,
                to_status="queued",
                reason="test",
                created_at=datetime.fromisoformat("2030-01-01T00:00:00Z"),
            )
        )
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(Job).where(Job.id == add_job(session).id).values(status="done"))


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime.fromisoformat("2030-01-01T00:00:00")
    with pytest.raises(StatementError, match="time zone"), database.write() as session:
        session.execute(update(Job).values(available_at=naive))


def test_json_that_is_not_json_is_refused(database: Database) -> None:
    with pytest.raises((StatementError, ValueError)), database.write() as session:
        add_job(session, user_metadata={"x": float("nan")})


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////x.sqlite3", "sqlite:////x.sqlite3"),
        ("", "sqlite:////data/trainyard.sqlite3"),
    ],
)
def test_the_url_names_its_driver(given: str, url: str) -> None:
    assert Settings(data_dir=Path("/data"), database_url=given).resolved_database_url == url


def test_lists_in_the_environment_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINYARD_API_KEYS", "first, second,")
    monkeypatch.setenv("TRAINYARD_CORS_ORIGINS", "https://a.example")
    settings = Settings()
    assert [key.get_secret_value() for key in settings.api_keys] == ["first", "second"]
    assert settings.cors_origins == ("https://a.example",)
    assert "first" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATABASE_URL", "foo", "must be a database URL, as in postgresql://"),
        ("CORS_ORIGINS", "https://a.example, b.example", "'b.example' is no origin"),
        ("CORS_ORIGINS", "https://a.example/page", "without a path"),
    ],
)
def test_settings_that_could_not_work_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"TRAINYARD_{name}", value)
    with pytest.raises(ValidationError, match=said):
        Settings()
