"""How commands make a job: once, and also if Ctrl-C comes before the answer."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import typer

from trainyard.cli.output import INTERRUPTED, notes

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.results import Job


def make_job(client: Client, spec: dict[str, Any], key: str | None) -> Job:
    """Make a job; with a ``key`` that has been used for it before, give the one that it made.

    Ctrl-C while the service has not answered says how to find out whether there is a job.
    """
    is_repeatable = key is not None
    key = key or str(uuid4())
    try:
        job = client.jobs.create(spec, idempotency_key=key)
    except KeyboardInterrupt:
        # An impatient second Ctrl-C would hide the words.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        notes().print(
            "\nThe service had not answered yet: the job may have been made.\n"
            "  look for it:        [bold]trainyard runs[/bold]\n"
            "  go on, or make it:  the same command again, with "
            f"[bold]--idempotency-key {key}[/bold]",
            soft_wrap=True,
        )
        raise typer.Exit(INTERRUPTED) from None
    # What was answered to the first request with the key is answered again, as it was then.
    return client.jobs.get(job) if is_repeatable else job
