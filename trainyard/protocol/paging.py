"""Everything in a list that the service gives in pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from trainyard.protocol.request import Call

T = TypeVar("T")

Cursor: TypeAlias = str | int | None
"""What the service calls the place where a page ends."""

MOST = 200
"""The most things that the service lists at a time."""


class Paged(Protocol[T]):
    """A page: its items, and where the next one begins if there is one."""

    data: list[T]

    @property
    def next_cursor(self) -> Cursor: ...


@dataclass
class Paging(Generic[T]):
    """A walk over all pages: what asks for the one at a cursor, and how far it has come.

    ``by`` is the argument of ``ask`` that takes the cursor.
    """

    ask: Callable[..., Call[Any]]
    by: str = "cursor"
    cursor: Cursor = None
    finished: bool = False

    def call(self) -> Call[Paged[T]]:
        """What asks for the next page."""
        return self.ask(**{self.by: self.cursor})

    def receive(self, page: Paged[T]) -> list[T]:
        """The items of that page."""
        self.finished = page.next_cursor is None
        self.cursor = page.next_cursor
        return page.data
