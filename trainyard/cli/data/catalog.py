"""The command that lists everything a network can be made of."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.options import Json, Url
from trainyard.cli.output import connected, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

Entry = dict[str, Any]


def catalog(
    family: Annotated[
        str | None,
        typer.Argument(
            help="A family, as in optimizer or layer.",
            show_default=False,
            autocompletion=completion.families,
        ),
    ] = None,
    kind: Annotated[
        str | None,
        typer.Argument(
            help="A member of it, as in adam.",
            show_default=False,
            autocompletion=completion.members,
        ),
    ] = None,
    *,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """List every layer, optimizer, loss and so on.

    With a family its members, with a member too everything about it: equation, bounds, defaults.
    """
    with connected(url, as_json=as_json) as client:
        families = client.catalog().families
        shown = _chosen(families, family, kind)
    if as_json:
        print_json(shown)
    else:
        _print(shown)


def _chosen(families: dict[str, list[Entry]], family: str | None, kind: str | None) -> Any:
    """A family's members, one of them, or everything."""
    from trainyard.errors import TrainyardError

    if family is None:
        return families
    homes = [name for name, kinds in families.items() if family in {kind["kind"] for kind in kinds}]
    if family not in families and homes:
        said = " or ".join(f"trainyard catalog {name} {family}" for name in homes)
        raise TrainyardError(f"{family!r} is not a family but a member of one: {said}")
    members = _named(families, family, "family")
    return members if kind is None else _named({m["kind"]: m for m in members}, kind, family)


def _print(shown: Any) -> None:
    if isinstance(shown, list):
        results().print(_summaries(shown))
    elif "kind" in shown:
        _print_entry(shown)
    else:
        results().print(_overview(shown))


def _named(known: dict[str, Any], name: str, what: str) -> Any:
    from trainyard.errors import TrainyardError

    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}? T" if near else "t"
        raise TrainyardError(f"There is no {what} {name!r}; {hint}here are {', '.join(known)}.")
    return known[name]


def _overview(families: dict[str, list[Entry]]) -> Table:
    from rich.table import Table

    table = Table("family", "members", box=None, pad_edge=False)
    for name, members in families.items():
        table.add_row(name, ", ".join(entry["kind"] for entry in members))
    return table


def _summaries(members: list[Entry]) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("kind", "what it is", box=None, pad_edge=False)
    for entry in members:
        table.add_row(entry["kind"], escape(entry["summary"]))
    return table


def _print_entry(entry: Entry) -> None:
    from rich.markup import escape
    from rich.table import Table

    results().print(f"[bold]{entry['kind']}[/bold]\n\n{escape(entry['description'])}\n")
    table = Table("field", "default", "what it does", box=None, pad_edge=False)
    for field in entry["fields"]:
        default = "required" if field["required"] else str(field["default"])
        table.add_row(field["name"], escape(default), escape(field["help"]))
    if entry["fields"]:
        results().print(table)
