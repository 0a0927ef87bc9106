"""The command that holds jobs against each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.curves import Points, bounds, chart, is_logarithmic, mark
from trainyard.cli.lookup import find_job, short_id, state
from trainyard.cli.options import Json, Url
from trainyard.cli.output import connected, print_json, results
from trainyard.cli.progress import measured

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from trainyard.results import Epoch, Job

MOST = 10
POINTS = 400
HEIGHT = 10
_SCALE = 9
"""Columns that the numbers beside the chart take."""
_CELL = 16
"""Columns that the values of a job take at most."""
_COLOURS = (
    "cyan",
    "yellow",
    "green",
    "magenta",
    "red",
    "blue",
    "bright_cyan",
    "bright_yellow",
    "bright_green",
    "bright_magenta",
)


def compare(
    jobs: Annotated[
        list[str],
        typer.Argument(
            help="From two to ten jobs: ids, the ends of them, or last.",
            metavar="JOB...",
            autocompletion=completion.jobs,
        ),
    ],
    *,
    metric: Annotated[
        str, typer.Option(help="What to draw, as in loss or accuracy.", metavar="NAME")
    ] = "loss",
    part: Annotated[
        str | None,
        typer.Option(
            help="Of which rows: train or validation; by default those of validation if all jobs "
            "hold some out.",
            autocompletion=lambda: ["train", "validation"],
        ),
    ] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Compare settings, losses and curves of jobs.

    Shows only the settings that differ, the last and the best losses, and the curves in one chart.
    """
    if not 2 <= len(jobs) <= MOST:
        message = f"from 2 to {MOST} jobs can be compared, not {len(jobs)}"
        raise typer.BadParameter(message, param_hint="JOB...")
    if part not in {None, "train", "validation"}:
        raise typer.BadParameter(f"{part!r} is not train or validation", param_hint="--part")
    with connected(url, as_json=as_json) as client:
        found = [find_job(client, word) for word in jobs]
        with ThreadPoolExecutor(len(found)) as pool:
            pages = pool.map(lambda job: client.jobs.epochs(job, max_points=POINTS), found)
            epochs = [list(page) for page in pages]
        part = part or ("validation" if all(map(_holds_out, epochs)) else "train")
        curves = [[*_curve(rows, part, metric)] for rows in epochs]
        _require_values(curves, epochs, part, metric)
    if as_json:
        print_json(_document(found, curves, part, metric))
        return
    out = results()
    for table in as_tables(found, out.width):
        out.print(table)
        out.print()
    _print_chart(out, curves, f"{part} {metric}")


def _holds_out(epochs: Sequence[Epoch]) -> bool:
    return any(epoch.validation for epoch in epochs)


def _curve(epochs: Sequence[Epoch], part: str, metric: str) -> Iterator[tuple[int, float | None]]:
    """The training on all rows; of a cross-validation that has not come to it, its first fold."""
    folds = {epoch.fold for epoch in epochs}
    shown = 0 if 0 in folds else min(folds, default=0)
    for epoch in epochs:
        values = epoch.train if part == "train" else epoch.validation
        if epoch.fold == shown and values and metric in values:
            yield epoch.epoch, values[metric]


def _require_values(
    curves: Sequence[Points], epochs: Sequence[Sequence[Epoch]], part: str, metric: str
) -> None:
    from trainyard.errors import TrainyardError

    if any(curves) or not any(epochs):
        return
    measures = {
        name: None
        for rows in epochs
        for epoch in rows
        for name in (epoch.train if part == "train" else epoch.validation or {})
    }
    known = ", ".join(measures) or "nothing"
    raise TrainyardError(f"None of the jobs has measured {part} {metric}; of {part}: {known}.")


def settings_of(job: Job) -> dict[str, Any]:
    """What was asked for, flat: {"network.layers[0].units": 32, ...}."""
    data = job.dataset.sha256[:12] if job.dataset else None
    asked = {name: value for name, value in job.spec.items() if name != "dataset"}
    return {"data": data, "target": ", ".join(job.targets) or job.target, **dict(_flat(asked))}


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _flat(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(member, Mapping) for member in value):
        for number, member in enumerate(value):
            yield from _flat(member, f"{path}[{number}]")
    elif value != []:  # as if it were not there: its members would have names of their own
        yield path, value


def differing(jobs: Sequence[Job]) -> dict[str, list[Any]]:
    """The settings that are not the same in all jobs, each with its value in every one of them."""
    settings = [settings_of(job) for job in jobs]
    names = dict.fromkeys(name for each in settings for name in each)
    rows = {name: [each.get(name) for each in settings] for name in names}
    return {name: row for name, row in rows.items() if any(value != row[0] for value in row)}


def as_tables(jobs: Sequence[Job], width: int) -> list[Table]:
    """A column a job, in as many tables as the width needs: facts, and what differs."""
    rows = _rows(jobs)
    first = max(len(name) for name, _ in rows) + 2
    widths = [
        min(_CELL, max(len(cells[column]) for _, cells in rows)) + 2 for column in range(len(jobs))
    ]
    each = max(1, (width - first) // max(widths))
    return [
        _as_table(rows, range(start, min(start + each, len(jobs))))
        for start in range(0, len(jobs), each)
    ]


def _rows(jobs: Sequence[Job]) -> list[tuple[str, list[str]]]:
    """The name of a fact, or of a setting, and its value in every job."""
    facts = [
        ("job", [short_id(job) for job in jobs]),
        ("name", [job.name or "" for job in jobs]),
        ("status", [state(job) for job in jobs]),
        *((name, [*map(_said, row)]) for name, row in differing(jobs).items()),
        ("epoch", [f"{job.progress.epoch}/{job.progress.epochs}" for job in jobs]),
    ]
    for when in ("latest", "best"):
        for part in ("train", "validation"):
            losses = [_loss(getattr(job, when), part) for job in jobs]
            if any(losses):
                facts.append((f"{when} {part} loss", losses))
    return facts


def _loss(epoch: Epoch | None, part: str) -> str:
    values = getattr(epoch, part) if epoch else None
    return measured(values.get("loss")) if values else ""


def _said(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value)


def _as_table(rows: list[tuple[str, list[str]]], columns: range) -> Table:
    from rich.markup import escape
    from rich.table import Table

    table = Table("", box=None, pad_edge=False)
    for column in columns:
        heading = f"[{_COLOURS[column]}]{mark(column)}[/]"
        table.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=_CELL)
    for name, cells in rows:
        table.add_row(f"[bold]{escape(name)}[/bold]", *(escape(cells[c]) for c in columns))
    return table


def _print_chart(out: Console, curves: Sequence[Points], title: str) -> None:
    """Curves as letters, with the bounds beside them and the epochs below."""
    within = bounds(*curves)
    if within is None:
        return
    low, high = within
    scale = " [dim](logarithmic)[/dim]" if is_logarithmic(within) else ""
    width = min(out.width, 100) - _SCALE - 1
    last = max(place for points in curves for place, _ in points)
    out.print(f"[bold]{title}[/bold]{scale}")
    lines = chart(curves, width, HEIGHT)
    for number, line in enumerate(lines):
        value = {0: measured(high), len(lines) - 1: measured(low)}.get(number, "")
        out.print(f"[dim]{value:>{_SCALE - 2}} │[/dim]", _drawn(line), sep="")
    out.print(f"[dim]{'epoch':>{_SCALE - 2}}  1{last:>{width - 1}}[/dim]")


def _drawn(line: Sequence[int | None]) -> Text:
    from rich.text import Text

    text = Text()
    for curve in line:
        if curve is None:
            text.append(" ")
        else:
            text.append(mark(curve), style="default" if curve < 0 else _COLOURS[curve])
    return text


def _document(
    jobs: Sequence[Job], curves: Sequence[Points], part: str, metric: str
) -> dict[str, Any]:
    shown = {"id", "name", "status", "progress", "latest", "best", "stop_reason", "model_id"}
    return {
        "jobs": [job.model_dump(mode="json", include=shown) for job in jobs],
        "differing": differing(jobs),
        "curves": {
            "part": part,
            "metric": metric,
            "points": [
                [{"epoch": at, "value": value} for at, value in points] for points in curves
            ],
        },
    }
