"""The command that shows every setting, and where its value comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from trainyard.cli.options import Json
from trainyard.cli.output import notes, print_json, require_server, results

if TYPE_CHECKING:
    from rich.table import Table

    from service.settings import Settings

PREFIX = "TRAINYARD_"
HIDDEN = "********"


@dataclass(frozen=True)
class Setting:
    """A variable of the environment; ``source`` is "environment" or "default"."""

    name: str
    value: Any
    source: str
    help: str


def show(as_json: Json = False) -> None:
    """Show every setting, its value, and where that comes from.

    Those of the service and of these commands, as they are in this environment. Keys and passwords
    are hidden.
    """
    require_server("config show")
    from trainyard.cli.service.serve import settings

    found = [*_of_the_service(settings()), *_of_the_client(os.environ)]
    if as_json:
        print_json([asdict(setting) for setting in found])
    else:
        results().print(as_table(found))
    told = notes()
    for message in _strangers({setting.name for setting in found}, os.environ):
        told.print(f"[yellow]Note:[/yellow] {message}", soft_wrap=not told.is_terminal)


def _of_the_service(settings: Settings) -> Iterator[Setting]:
    for field, about in type(settings).model_fields.items():
        yield Setting(
            name=f"{PREFIX}{field.upper()}",
            value=_plain(field, getattr(settings, field)),
            source="environment" if field in settings.model_fields_set else "default",
            help=" ".join((about.description or "").split()),
        )


def _of_the_client(environment: Mapping[str, str]) -> Iterator[Setting]:
    from trainyard.connection import DEFAULT_URL

    url, key = environment.get("TRAINYARD_URL"), environment.get("TRAINYARD_API_KEY")
    yield Setting(
        "TRAINYARD_URL",
        _without_password(url or DEFAULT_URL),
        "environment" if url else "default",
        "Address of the service that clients and commands talk to.",
    )
    yield Setting(
        "TRAINYARD_API_KEY",
        HIDDEN if key else "",
        "environment" if key else "default",
        "The key that they send.",
    )


def _plain(field: str, value: Any) -> Any:
    """As JSON, without secrets."""
    from pydantic import SecretStr

    if isinstance(value, tuple):
        return [HIDDEN if isinstance(each, SecretStr) else each for each in value]
    if field.endswith("_url"):
        return _without_password(value)
    return value if isinstance(value, int | float | str) else str(value)


def _without_password(url: str) -> str:
    """The address of a database or a store, with what may be secret in it covered.

    That is a password before the host, and the values of a query.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return HIDDEN
    place = parts.netloc
    if parts.password is not None:
        user, _, host = place.rpartition("@")
        place = f"{user.partition(':')[0]}:{HIDDEN}@{host}"
    names = [pair.partition("=")[0] for pair in parts.query.split("&") if pair]
    query = "&".join(f"{name}={HIDDEN}" for name in names)
    return (
        url
        if place == parts.netloc and not query
        else parts._replace(netloc=place, query=query).geturl()
    )


def _strangers(known: set[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Variables with our prefix that set nothing: most likely misspelt."""
    from difflib import get_close_matches

    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            meant = get_close_matches(name, known, n=1, cutoff=0.8)
            hint = f"; did you mean {meant[0]}?" if meant else ""
            yield f"{name} is set, but there is no such setting{hint}"


def as_table(found: list[Setting]) -> Table:
    """One line a setting; those that the environment gives stand out."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("setting", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("from", no_wrap=True)
    for setting in found:
        style = "bold" if setting.source == "environment" else ""
        table.add_row(setting.name, escape(_shown(setting.value)), setting.source, style=style)
    return table


def _shown(value: Any) -> str:
    if value in ("", []):
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
