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
ROOMY = 120
LONGEST = 20
"""Characters of a text that are shown where the terminal is not roomy."""

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
    """A column between the name and the age; one that ``needs_room`` is only for wide terminals."""

    heading: str
    of: Callable[[T], str]
    is_number: bool = False
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
    """One line a thing; ids are always whole."""
    from rich.markup import escape
    from rich.table import Table

    is_wide = width >= WIDE
    shown = [fact for fact in facts if is_wide or not fact.needs_room]
    table = Table(box=None, pad_edge=False)
    table.add_column(what, no_wrap=True)
    table.add_column("name", overflow="ellipsis", no_wrap=True)
    for fact in shown:
        table.add_column(
            fact.heading,
            justify="right" if fact.is_number else "left",
            overflow="ellipsis",
            no_wrap=True,
            max_width=None if width >= ROOMY else LONGEST,
        )
    if is_wide:
        table.add_column("made", justify="right", no_wrap=True, style="dim")
    for each in found:
        made = [age(each.created_at, now)] if is_wide else []
        cells = [each.name or "", *(fact.of(each) for fact in shown)]
        table.add_row(each.id, *map(escape, cells), *made)
    return table
