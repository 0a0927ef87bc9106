"""The migrations and the tables say the same, forwards and backwards, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.pool import NullPool

from service.database import migration
from service.database.migration import SchemaOutdatedError
from service.database.sessions import Database
from tests.service.stored import add_job


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    url: str = request.getfixturevalue("migrated_postgres")
    migration.downgrade(url, "base")
    yield url
    migration.upgrade(url)


def tables(url: str) -> set[str]:
    engine = create_engine(url, poolclass=NullPool)
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_down_and_up_again(empty_url: str) -> None:
    migration.upgrade(empty_url)
    migration.check(empty_url)
    made = tables(empty_url)
    migration.downgrade(empty_url, "base")
    assert tables(empty_url) == set()
    migration.upgrade(empty_url)
    migration.check(empty_url)
    assert tables(empty_url) == made


def test_upgrading_what_is_up_to_date_changes_nothing(database: Database) -> None:
    with database.write() as session:
        add_job(session)
    migration.upgrade(database.url)
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM jobs")).scalar_one() == 1


def test_another_schema_is_refused_with_the_way_out(empty_url: str) -> None:
    database = Database(empty_url)
    try:
        with pytest.raises(SchemaOutdatedError, match="trainyard db upgrade"):
            migration.require_current(database)
        migration.upgrade(empty_url)
        migration.require_current(database)
    finally:
        database.close()
