"""The command that watches a job, and what others that start one share with it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from trainyard.cli.lookup import find_job, state
from trainyard.cli.options import JobName, Json, Url
from trainyard.cli.output import (
    FAILED,
    INTERRUPTED,
    connected,
    notes,
    print_json,
    print_json_line,
    results,
)

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.events import Event
    from trainyard.results import Job

RECENT = 500
"""Events before now that are shown one after another; the pace is known from them."""
CURVE_POINTS = 1000
"""Epochs before those, from which the curves begin."""


def watch(job: JobName, *, as_json: Json = False, url: Url = None) -> None:
    """Watch a job until it ends.

    Exits with 1 if the job failed. Ctrl-C ends the watching, not the job. With --json every event
    since the job was made is printed as a line of JSON as it happens; the last one is its end.
    """
    with connected(url, as_json=as_json) as client:
        watched = find_job(client, job)
        if as_json:
            _stream(client, watched)
        else:
            follow(client, watched, as_json=False)


def follow(client: Client, job: Job, *, as_json: bool) -> None:
    """Show a job until it ends, and then print it."""
    with going_on(job.id):
        from trainyard.cli.progress import LiveView

        seen = max(0, job.seq - RECENT)
        with LiveView(job) as view:
            if seen:
                view.remember(client.jobs.epochs(job, max_points=CURVE_POINTS), until=seen)
            view.show_all(client.jobs.events(job, after=seen))
    ended = client.jobs.get(job)
    print_job(ended, as_json=as_json)
    if ended.status == "failed":
        raise typer.Exit(FAILED)


def _stream(client: Client, job: Job) -> None:
    from trainyard.events import EndEvent

    with going_on(job.id):
        for event in client.jobs.events(job):
            print_json_line(_as_json(event))
            if isinstance(event, EndEvent) and event.status == "failed":
                raise typer.Exit(FAILED)


def _as_json(event: Event) -> dict[str, Any]:
    """As the service sends it, with its name: epoch, checkpoint, transition, end."""
    name = type(event).__name__.removesuffix("Event").lower()
    return {"type": name, **event.model_dump(mode="json")}


@contextmanager
def going_on(job: str) -> Iterator[None]:
    """Ctrl-C in the block ends the waiting, not the job; say so, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        # An impatient second Ctrl-C would hide the words.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        notes().print(
            f"\nThe job goes on.\n"
            f"  watch it:   [bold]trainyard watch {job}[/bold]\n"
            f"  cancel it:  [bold]trainyard cancel {job}[/bold]",
            soft_wrap=True,
        )
        raise typer.Exit(INTERRUPTED) from None


def print_job(job: Job, *, as_json: bool) -> None:
    """What a job has come to, a line a fact."""
    if as_json:
        print_json(job.model_dump(mode="json"))
        return
    for name, value in _facts(job):
        results().print(f"[bold]{name:<8}[/bold] {value}", soft_wrap=True)


def _facts(job: Job) -> list[tuple[str, str]]:
    from rich.markup import escape

    from trainyard.cli.progress import measurements

    reason = f" ({job.stop_reason})" if job.stop_reason else ""
    facts = [("job", job.id), ("status", f"{state(job)}{reason}")]
    if job.error:
        facts.append(("error", escape(f"{job.error.type}: {job.error.detail}")))
    if job.best:
        facts.append(("best", f"epoch {job.best.epoch}  {measurements(job.best)}"))
    if job.model_id:
        facts.append(("model", job.model_id))
    return facts
