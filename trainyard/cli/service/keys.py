"""The commands about API keys."""

from __future__ import annotations

import os
import secrets

from trainyard.cli.options import Json, Url
from trainyard.cli.output import connected, failures_told, notes, print_json, results

PREFIX = "ty_"
"""By which people, and programs that look for secrets, know a key of ours."""
KEY_BYTES = 32


def new(as_json: Json = False) -> None:
    """Make a strong key, and say how to use it.

    Nothing is stored: whoever starts the service gives it its keys.
    """
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    if as_json:
        print_json({"key": key, "service": "TRAINYARD_API_KEYS", "client": "TRAINYARD_API_KEY"})
        return
    results().print(key, soft_wrap=True)
    notes().print(
        "\nThe service takes its keys, separated by commas, from TRAINYARD_API_KEYS:\n"
        "  [bold]TRAINYARD_API_KEYS=KEY trainyard serve --host 0.0.0.0[/bold]\n"
        "Clients and these commands send the one in TRAINYARD_API_KEY:\n"
        "  [bold]export TRAINYARD_API_KEY=KEY[/bold]\n"
        "Others send a header:  Authorization: Bearer KEY",
        soft_wrap=True,
    )


def check(as_json: Json = False, url: Url = None) -> None:
    """Ask the service whether it takes the key that is set.

    That is the one in TRAINYARD_API_KEY. Exits with 1 if it is refused, or missing.
    """
    key = os.environ.get("TRAINYARD_API_KEY")
    with connected(url, as_json=as_json) as client:
        client.jobs.list(limit=1)
        service = client.base_url
    is_asked_for = _refuses_others(url, as_json=as_json)
    if as_json:
        print_json({"url": service, "accepted": True, "required": is_asked_for, "sent": bool(key)})
    elif is_asked_for:
        results().print(f"[green]accepted[/green]  {service} takes this key", soft_wrap=True)
    else:
        results().print(f"[green]open[/green]  {service} asks for no key", soft_wrap=True)


def _refuses_others(url: str | None, *, as_json: bool) -> bool:
    """Whether a service that takes our key, or the lack of one, refuses a made-up one."""
    from trainyard.client import Client
    from trainyard.errors import Unauthorized

    with failures_told(as_json=as_json), Client(url, secrets.token_urlsafe()) as stranger:
        try:
            stranger.jobs.list(limit=1)
        except Unauthorized:
            return True
    return False
