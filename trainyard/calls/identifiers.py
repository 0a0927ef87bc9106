"""Things of the service, given as their id or as themselves."""

from __future__ import annotations

from typing import Protocol


class Named(Protocol):
    """Anything of the service's that has an id."""

    @property
    def id(self) -> str: ...


def identifier(thing: str | Named) -> str:
    """The id of a thing that is given as its id or as itself."""
    return thing if isinstance(thing, str) else thing.id
