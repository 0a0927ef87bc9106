"""Pages of a list: what is on it, and where the next one begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """Items and the cursor of the next page, None on the last one."""

    items: list[T]
    next_cursor: str | None


def newest_first(rows: Sequence[T], limit: int) -> Page[T]:
    """A page of `limit` from `limit` + 1 rows that were asked for; the cursor is the last id."""
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items, getattr(items[-1], "id") if more else None)  # noqa: B009 - T has no bound
