"""The base of what the service answers with: frozen values that know no connection.

Members that a newer service adds are kept and can be read as attributes; times are
timezone-aware; a number that is not finite is ``None``, as JSON has no other way to say it.
"""

from collections.abc import Iterator
from typing import Any, Generic, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from trainyard.protocol.answers import document
from trainyard.protocol.request import Response

__all__ = ["Label", "Page", "Portion", "Result"]

Label: TypeAlias = bool | int | float | str
"""A class, or a number, with the type that it has in the data."""

T = TypeVar("T")


class Result(BaseModel):
    """Base of all results: frozen, and tolerant of members it does not know."""

    model_config = ConfigDict(frozen=True, extra="allow", protected_namespaces=())

    @classmethod
    def read(cls, reply: Response) -> Self:
        """The result in an answer's JSON."""
        return cls.model_validate(document(reply))


class Page(Result, Generic[T]):
    """One page of a list; iterate over it, and ask on with ``next_cursor``."""

    data: list[T]
    next_cursor: str | int | None = None

    def __iter__(self) -> Iterator[T]:  # type: ignore[override]  # pydantic's would give its fields
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> T:
        return self.data[index]


class Portion(Result):
    """Some of many rows, the first of them at ``offset`` of ``total``."""

    data: list[Any]
    offset: int = 0
    total: int = 0

    @property
    def next_cursor(self) -> int | None:
        """Where the next portion begins, if there is one."""
        end = self.offset + len(self.data)
        return end if self.data and end < self.total else None
