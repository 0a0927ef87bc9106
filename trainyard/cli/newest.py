"""Lists of the newest models or datasets: one line each, as wide as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, Protocol, TypeAlias, TypeVar

import typer

from trainyard.cli.output import age, notes, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 80
GAP = 2
"""Columns between two of the table."""

Limit: TypeAlias = Annotated[
    int, typer.Option("--limit", "-n", min=1, max=200, help="How many of the newest to list.")
]


class Made(Protocol):
    """What the service keeps under an id."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def created_at(self) -> datetime | None: ...

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


T = TypeVar("T", bound=Made)


@dataclass(frozen=True)
class Fact(Generic[T]):
    """A column of a table: its heading, and what it says of a thing.

    Texts are cut where there is no room for them, anything else is not. What ``needs_room`` is only
    there on wide terminals.
    """

    heading: str
    of: Callable[[T], str]
    is_text: bool = True
    needs_room: bool = False


def print_newest(
    what: str, found: Sequence[T], facts: Sequence[Fact[T]], hint: str, *, as_json: bool
) -> None:
    """What was found, or the ``hint`` if that is nothing. ``what`` is the heading of the ids."""
    if as_json:
        print_json([each.model_dump(mode="json") for each in found])
    elif found:
        results().print(as_table(what, found, facts, results().width, datetime.now(UTC)))
    else:
        notes().print(hint)


def as_table(
    what: str, found: Sequence[T], facts: Sequence[Fact[T]], width: int, now: datetime
) -> Table:
    """One line a thing; ids and numbers are always whole, and texts share what room is left."""
    from rich.markup import escape
    from rich.table import Table

    is_wide = width >= WIDE
    shown = [
        Fact[T](what, lambda each: each.id, is_text=False),
        Fact[T]("name", lambda each: each.name or ""),
        *(fact for fact in facts if is_wide or not fact.needs_room),
    ]
    if is_wide:
        shown.append(Fact("made", lambda each: age(each.created_at, now), is_text=False))
    rows = [[fact.of(each) for fact in shown] for each in found]
    table = Table(box=None, pad_edge=False)
    for fact, room in zip(shown, _rooms(shown, rows, width), strict=True):
        table.add_column(
            fact.heading,
            justify="left" if fact.is_text or fact.heading == what else "right",
            no_wrap=True,
            overflow="ellipsis",
            width=room,
            style="dim" if fact.heading == "made" else "",
        )
    for row in rows:
        table.add_row(*map(escape, row))
    return table


def _rooms(facts: Sequence[Fact[T]], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """How wide each column is: as its content, but texts only as far as there is room for them.

    A short text leaves what it does not need to the longer ones.
    """
    from rich.cells import cell_len

    headings = [fact.heading for fact in facts]
    rooms = [max(map(cell_len, column)) for column in zip(headings, *rows, strict=True)]
    texts = sorted(
        (place for place, fact in enumerate(facts) if fact.is_text), key=rooms.__getitem__
    )
    left = width - GAP * (len(rooms) - 1) - sum(rooms) + sum(rooms[place] for place in texts)
    for count, place in zip(range(len(texts), 0, -1), texts, strict=True):
        rooms[place] = max(1, min(rooms[place], left // count))
        left -= rooms[place]
    return rooms
