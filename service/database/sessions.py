"""The database: engines set up for what SQLite and PostgreSQL need, sessions to read and to write.

SQLite: `BEGIN IMMEDIATE` for every transaction that writes (a deferred one that reads first and
writes later fails at once when another process wrote in between), foreign keys on, a patient busy
timeout. Engines older than 3.51.3 have a race between two connections that reset the write-ahead
log, which can corrupt the file: with those the rollback journal is used.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

if TYPE_CHECKING:
    import psycopg

logger = logging.getLogger(__name__)

LOCK_PATIENCE_SECONDS = 30.0
"""How long a transaction waits for another one's lock."""
MIGRATION_PATIENCE_SECONDS = 600.0
"""How long one process that migrates waits for another one."""
IDLE_TRANSACTION_SECONDS = 30.0
"""After this, PostgreSQL ends the transaction of a client that stopped in the middle of it."""
_READ_ONLY = "trainyard_read_only"
_ONE_BY_ONE = "trainyard_one_by_one"

T = TypeVar("T")

DatabaseFailure = SQLAlchemyError
"""Whatever goes wrong in the database, for those who need not know what drives it."""


class Database:
    """One engine of one process: make a new one in every child process.

    Use `with database.read() as session` for queries, `with database.write() as session` for
    changes: it commits at the end, or rolls back when an exception leaves the block.
    """

    def __init__(
        self, url: str, pool_size: int = 16, lock_timeout_seconds: float = LOCK_PATIENCE_SECONDS
    ) -> None:
        self.url = url
        self.engine = _engine(url, pool_size, lock_timeout_seconds)
        self._impatient: Engine | None = None
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        reading: dict[str, Any] = {_READ_ONLY: True}
        if self.dialect == "postgresql":
            reading["isolation_level"] = "REPEATABLE READ"  # what SQLite does anyway
        self._read = sessionmaker(self.engine.execution_options(**reading), expire_on_commit=False)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for queries only, all of which see the same moment.

        A row that points to others, such as a checkpoint to its chunks, finds them. On SQLite it
        does not wait for writers to begin.
        """
        with self._read() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one transaction, committed at the end of the block."""
        with self._write.begin() as session:
            yield session

    def lookout(self) -> AutocommitConnection:
        """A connection to keep, for many small queries of one thread."""
        return AutocommitConnection(self.engine)

    def non_blocking(self) -> NonBlockingConnection | None:
        """A way to look that never waits, neither for a network nor for a lock, if there is one."""
        if self.dialect != "sqlite":
            return None
        self._impatient = self._impatient or _engine(self.url, 4, lock_timeout_seconds=0.0)
        return NonBlockingConnection(self._impatient)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        if self._impatient is not None:
            self._impatient.dispose()


class AutocommitConnection:
    """A connection that is kept open, for single queries that see the present moment.

    There is no transaction around them, so nothing is held between two of them. For a query of a
    row or two a session costs several times as much as the query. For one thread at a time.
    """

    def __init__(self, engine: Engine) -> None:
        options: dict[str, Any] = {_ONE_BY_ONE: True}
        if engine.dialect.name == "postgresql":
            options["isolation_level"] = "AUTOCOMMIT"
        self._engine = engine.execution_options(**options)
        self._connection: Connection | None = None

    def look(self, query: Callable[[Connection], T]) -> T:
        """Carry a query out; once more if the connection has died since it was last used."""
        was_kept = self._connection is not None
        try:
            return self._query(query)
        except DBAPIError as error:
            if not (was_kept and error.connection_invalidated):
                raise
            return self._query(query)

    def _query(self, query: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            return query(self._connection)
        except DBAPIError as error:
            if error.connection_invalidated:
                self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class NonBlockingConnection:
    """A connection to the embedded database, spoken to without a layer in between.

    A query of one row takes so little that most of its time would go into the layers. It never
    waits: where somebody else's lock is in the way, sqlite3.OperationalError is raised at once.
    For one thread at a time.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PoolProxiedConnection | None = None

    def row(self, query: str, key: str) -> Any:
        """The one row of a query with one parameter; None if there is none."""
        if self._connection is None:
            self._connection = self._engine.raw_connection()
        driver: Any = self._connection.driver_connection
        # All rows, so that no unfinished query keeps a lock.
        rows = driver.execute(query, (key,)).fetchall()
        return rows[0] if rows else None

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the mended reset of the write-ahead log."""
    return (
        version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)
    )


def journal_mode(version: tuple[int, int, int]) -> str:
    """The journal of the embedded database: WAL where it is safe, else DELETE."""
    return "WAL" if wal_is_safe(version) else "DELETE"


def create_migration_engine(url: str) -> Engine:
    """An engine to change tables with.

    SQLite changes a table by copying it and dropping the old one; with foreign keys on, that would
    delete every row that refers to it.
    """
    engine = _engine(url, 1, MIGRATION_PATIENCE_SECONDS)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _ignore_foreign_keys)
    return engine


def _ignore_foreign_keys(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys = OFF")


def _engine(url: str, pool_size: int, lock_timeout_seconds: float) -> Engine:
    options: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 2 * pool_size,
        "json_serializer": _to_json,
    }
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(parsed, pool_pre_ping=True, **options)
        event.listen(engine, "connect", partial(_prepare_postgresql, lock_timeout_seconds))
        return engine
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, **options)
    event.listen(engine, "connect", partial(_prepare_sqlite, lock_timeout_seconds))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _to_json(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"), ensure_ascii=False)


def _prepare_postgresql(
    lock_timeout_seconds: float, connection: psycopg.Connection[Any], _record: object
) -> None:
    """A client that is frozen, or a lock that is never given back, must not stop everybody."""
    connection.execute(f"SET lock_timeout = {round(lock_timeout_seconds * 1000)}")
    connection.execute(
        f"SET idle_in_transaction_session_timeout = {round(IDLE_TRANSACTION_SECONDS * 1000)}"
    )
    connection.commit()


def _prepare_sqlite(
    lock_timeout_seconds: float, connection: sqlite3.Connection, _record: object
) -> None:
    """Take over the start of transactions from the driver, and set what SQLite leaves off."""
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {round(lock_timeout_seconds * 1000)}",
        f"journal_mode = {journal_mode(sqlite3.sqlite_version_info[:3])}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get(_ONE_BY_ONE, False):
        connection.exec_driver_sql("BEGIN" if options.get(_READ_ONLY) else "BEGIN IMMEDIATE")
