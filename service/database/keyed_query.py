"""Questions: small queries about single things by their keys, which many requests begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session

from service.database.sessions import NonBlockingConnection

__all__ = ["KeyedQuery"]

T = TypeVar("T")


class KeyedQuery(Generic[T]):
    """What is read about a thing: columns of its row, the first of which is its key.

    ``read`` makes the answer of the columns as the database has them.
    """

    def __init__(self, columns: Select[Any], read: Callable[..., T]) -> None:
        key = columns.selected_columns[0]
        self._one = columns.where(key == bindparam("key"))
        self._many = columns.where(key.in_(bindparam("keys", expanding=True)))
        self._read = read

    def among(self, session: Session | Connection, keys: Iterable[str]) -> dict[str, T]:
        """About each of these, in one query; what does not exist is left out."""
        rows = session.execute(self._many, {"keys": list(keys)})
        return {row[0]: self._read(*row) for row in rows}

    def at(self, connection: NonBlockingConnection, key: str) -> T | None:
        """About one, if it exists, without waiting. Raises sqlite3.OperationalError."""
        row = connection.row(self._text, key)
        return None if row is None else self._read(*row)

    @cached_property
    def _text(self) -> str:
        return str(self._one.compile(dialect=sqlite.dialect()))
