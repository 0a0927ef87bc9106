"""Both databases for the tests of everything that is stored.

A test that asks for `database` runs twice: on a fresh SQLite file and on PostgreSQL, in a database
of its own that is dropped when the tests end. The server is that of TRAINYARD_TEST_POSTGRES_URL,
whose user may create databases.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from service.database import migration
from service.database.sessions import Database
from service.database.tables import Base

DEFAULT_SERVER = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
SQLITE = "sqlite"
POSTGRESQL = "postgresql"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the newest schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    migration.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of an empty database on a real PostgreSQL server."""
    server = make_url(os.environ.get("TRAINYARD_TEST_POSTGRES_URL", DEFAULT_SERVER))
    name = f"trainyard_test_{uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        try:
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
        except OperationalError as error:
            pytest.skip(
                f"PostgreSQL does not answer at {server.render_as_string()}: start one, or set "
                f"TRAINYARD_TEST_POSTGRES_URL ({str(error.orig).splitlines()[0]})"
            )
        yield server.set(database=name).render_as_string(hide_password=False)
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> str:
    """The same with the newest schema."""
    migration.upgrade(postgres_url)
    return postgres_url


@pytest.fixture(params=[SQLITE, pytest.param(POSTGRESQL, marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the newest schema and nothing in it."""
    if request.param == SQLITE:
        path = tmp_path / "trainyard.sqlite3"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        return f"sqlite:///{path}"
    return _emptied(request.getfixturevalue("migrated_postgres"))


def _emptied(url: str) -> str:
    engine = create_engine(url)
    with engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()
    return url


@pytest.fixture
def postgres_database(migrated_postgres: str) -> Iterator[Database]:
    """An empty database on PostgreSQL, for what SQLite cannot do."""
    opened = Database(_emptied(migrated_postgres))
    yield opened
    opened.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database, open."""
    opened = Database(database_url)
    yield opened
    opened.close()
