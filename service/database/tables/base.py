"""What all tables share: the naming of constraints, times in UTC, the clock of the database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, MetaData, types
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql import functions
from sqlalchemy.sql.compiler import SQLCompiler

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name that does not depend on the database, so migrations can drop it."""


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)


class UtcDateTime(types.TypeDecorator[datetime]):
    """A point in time: aware and in UTC in Python, `timestamptz` on PostgreSQL, text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the signature is SQLAlchemy's
    ) -> datetime | None:
        """Refuse a time without a zone, store any other in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored: pass it in UTC")
        return value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the signature is SQLAlchemy's
    ) -> datetime | None:
        """SQLite forgets the zone: it is always UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class database_now(functions.FunctionElement[datetime]):  # noqa: N801 - reads as the SQL it makes
    """The clock of the database: leases of many machines are compared by this one only."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(database_now)
def _clock(_element: database_now, _compiler: SQLCompiler, **_keywords: object) -> str:
    return "clock_timestamp()"


@compiles(database_now, "sqlite")
def _sqlite_clock(_element: database_now, _compiler: SQLCompiler, **_keywords: object) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"
