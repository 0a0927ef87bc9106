"""The command that looks for a learning rate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.files import read_job
from trainyard.cli.jobs.start import make_job
from trainyard.cli.jobs.watch import going_on
from trainyard.cli.options import IdempotencyKey, Json, Url
from trainyard.cli.output import bar, connected, number, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import RangeTestResult

LINES = 25


def range_test(
    *,
    file: Annotated[
        Path, typer.Option("--file", "-f", help="The job as YAML or JSON; - reads stdin.")
    ],
    lowest: Annotated[float | None, typer.Option(help="The first learning rate.")] = None,
    highest: Annotated[float | None, typer.Option(help="The last one.")] = None,
    steps: Annotated[int | None, typer.Option(help="How many mini-batches are tried.")] = None,
    idempotency_key: IdempotencyKey = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Find a learning rate: try them from low to high.

    On a job's network and data. Nothing of the job is trained; what it says of epochs, schedule and
    stopping does not count.
    """
    spec = read_job(file)
    given = {"lowest": lowest, "highest": highest, "steps": steps}
    test = {name: value for name, value in given.items() if value is not None}
    spec["range_test"] = {**(spec.get("range_test") or {}), **test}
    with connected(url, as_json=as_json) as client:
        job = make_job(client, spec, idempotency_key)
        with going_on(job.id):
            job = client.jobs.wait(job)
        told = client.jobs.range_test(job)
    if as_json:
        print_json({"job_id": job.id, **told.model_dump(mode="json")})
        return
    results().print(as_table(told))
    found = told.suggestion
    results().print(
        f"steepest at [bold]{_rate(found.steepest)}[/bold], lowest at {_rate(found.lowest_loss)}, "
        f"a tenth of that {_rate(found.tenth_of_lowest)}"
    )


def as_table(told: RangeTestResult) -> Table:
    """About as many lines as fit on a screen, each with a bar as long as the loss is high."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("learning rate", justify="right")
    table.add_column("smoothed loss", justify="right")
    table.add_column("", no_wrap=True)
    highest = max((point.smoothed or 0.0 for point in told.points), default=0.0)
    for point in told.points[:: max(1, len(told.points) // LINES)]:
        longest = bar(point.smoothed or 0.0, highest)
        table.add_row(f"{point.learning_rate:.2e}", number(point.smoothed), longest)
    return table


def _rate(rate: float | None) -> str:
    return "no rate" if rate is None else f"{rate:.2g}"
