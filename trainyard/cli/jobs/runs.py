"""The command that lists jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.curves import sparkline
from trainyard.cli.lookup import short_id, state
from trainyard.cli.options import Json, Url
from trainyard.cli.output import age, connected, notes, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.client import Client
    from trainyard.results import Epoch, Job

PAGE = 100
POINTS = 64
CURVE = 12
AT_ONCE = 8
"""Requests for curves that are under way together."""
MEDIUM = 80
WIDE = 125
_COLOURS = {"succeeded": "green", "failed": "red", "running": "cyan", "paused": "yellow"}


class Order(StrEnum):
    """What lists of jobs can be sorted by."""

    CREATED = "created"
    NAME = "name"
    STATUS = "status"
    EPOCH = "epoch"
    LOSS = "loss"
    VALIDATION = "validation"
    BEST = "best"


def runs(
    *,
    status: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Only jobs with this status ({', '.join(completion.STATUSES)}); may be repeated.",
            metavar="STATUS",
            autocompletion=completion.statuses,
        ),
    ] = None,
    tag: Annotated[str | None, typer.Option(help="Only jobs with this tag.")] = None,
    name: Annotated[str | None, typer.Option(help="Only jobs with this in their name.")] = None,
    sort: Annotated[
        Order, typer.Option(help="By what; those without it come last.")
    ] = Order.CREATED,
    reverse: Annotated[bool, typer.Option("--reverse", "-r", help="The other way round.")] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many of the newest to list.")
    ] = 20,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """List jobs, newest first.

    Losses are those of the latest epoch; `best` is that of the best one, on held-out rows where
    there are any. The curve is the same loss, from the first epoch to now.
    """
    for word in status or []:
        if word not in completion.STATUSES:
            known = ", ".join(completion.STATUSES)
            raise typer.BadParameter(f"{word!r} is not one of {known}", param_hint="--status")
    with connected(url, as_json=as_json) as client:
        found = _sorted([*islice(_found(client, status or [], tag, name), limit)], sort, reverse)
        if as_json:
            print_json([job.model_dump(mode="json") for job in found])
            return
        curves = _curves(client, found)
    if found:
        results().print(as_table(found, curves, results().width, datetime.now(UTC)))
    else:
        notes().print("There are no such jobs. Start one with `trainyard train -f job.yaml`.")


def _found(client: Client, statuses: list[str], tag: str | None, name: str | None) -> Iterator[Job]:
    """Newest first: an id begins with the time at which it was made."""
    from heapq import merge

    wanted: list[str | None] = [*statuses] or [None]
    lists = [_pages(client, status, tag) for status in wanted]
    for job in merge(*lists, key=lambda job: job.id, reverse=True):
        if name is None or name.lower() in (job.name or "").lower():
            yield job


def _pages(client: Client, status: str | None, tag: str | None) -> Iterator[Job]:
    cursor: Any = None
    while True:
        page = client.jobs.list(status=status, tag=tag, limit=PAGE, cursor=cursor)
        yield from page.data
        cursor = page.next_cursor
        if cursor is None:
            return


def _sorted(found: list[Job], order: Order, reverse: bool) -> list[Job]:
    """Those without a value come last either way."""
    if order is Order.CREATED:
        return found[::-1] if reverse else found
    key = _KEYS[order]
    known = [job for job in found if key(job) is not None]
    known.sort(key=key, reverse=reverse)
    return known + [job for job in found if key(job) is None]


def loss_of(epoch: Epoch | None) -> float | None:
    """On held-out rows where there are any."""
    return (epoch.validation or epoch.train).get("loss") if epoch else None


_KEYS: dict[Order, Callable[[Job], Any]] = {
    Order.NAME: lambda job: job.name,
    Order.STATUS: lambda job: job.status,
    Order.EPOCH: lambda job: job.progress.epoch,
    Order.LOSS: lambda job: job.latest and job.latest.train.get("loss"),
    Order.VALIDATION: lambda job: job.latest and (job.latest.validation or {}).get("loss"),
    Order.BEST: lambda job: loss_of(job.best),
}


def _curves(client: Client, found: list[Job]) -> list[str]:
    def drawn(job: Job) -> str:
        epochs = client.jobs.epochs(job, max_points=POINTS)
        return sparkline([(epoch.seq, loss_of(epoch)) for epoch in epochs], CURVE)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [*pool.map(drawn, found)]


def as_table(found: list[Job], curves: list[str], width: int, now: datetime) -> Table:
    """One line a job, with as many columns as there is room for."""
    from rich.table import Table

    is_medium, is_wide = width >= MEDIUM, width >= WIDE
    table = Table(box=None, pad_edge=False)
    table.add_column("job", no_wrap=True)
    table.add_column("name", no_wrap=True, overflow="ellipsis", max_width=None if is_wide else 18)
    table.add_column("status", no_wrap=True)
    numbers = ["epoch", "loss", "validation", "best"] if is_medium else ["best"]
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("curve", no_wrap=True, style="cyan", width=CURVE)
    if is_medium:
        table.add_column("made", justify="right", no_wrap=True, style="dim")
    for job, curve in zip(found, curves, strict=True):
        cells = _cells(job)
        made = [age(job.created_at, now)] if is_medium else []
        name = job.id if is_wide else short_id(job)
        table.add_row(name, *cells[:2], *cells[2 if is_medium else 5 :], curve, *made)
    return table


def _cells(job: Job) -> list[str]:
    """Name, status, epoch, and the three losses."""
    from rich.markup import escape

    from trainyard.cli.progress import measured

    colour = _COLOURS.get(job.status, "default")
    latest = job.latest
    losses = [
        latest.train.get("loss") if latest else None,
        latest.validation.get("loss") if latest and latest.validation else None,
        loss_of(job.best),
    ]
    return [
        escape(job.name or ""),
        f"[{colour}]{state(job)}[/{colour}]",
        f"{job.progress.epoch}/{job.progress.epochs}",
        *(measured(loss) for loss in losses),
    ]
