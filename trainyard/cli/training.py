"""Commands about jobs: train, watch, cancel."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli.files import read_job
from trainyard.cli.models import find_model
from trainyard.cli.options import Json, Url
from trainyard.cli.output import FAILED, INTERRUPTED, failures_told, notes, print_json, results

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.results import Job

RECENT = 500
"""Events before now that a watcher is shown; the pace is known from them."""


def train(
    *,
    file: Annotated[
        Path, typer.Option("--file", "-f", help="The job as YAML or JSON; - reads stdin.")
    ],
    data: Annotated[
        Path | None, typer.Option(help="A data file to upload, instead of the job's dataset.")
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(help="The column of --data that is to be predicted; for several, repeat it."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", help="A model, or the job that made it, to begin with.", metavar="MODEL"
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what would be trained; make nothing.")
    ] = False,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the job.")] = False,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Train a network and watch it learn.

    Progress goes to stderr, the result to stdout. Ctrl-C ends the watching, not the job.
    """
    from trainyard.client import Client

    if data is None and target:
        raise typer.BadParameter("--target belongs to --data", param_hint="--target")
    spec = read_job(file)
    with failures_told(as_json=as_json), Client(url) as client:
        if data is not None:
            spec["dataset"] = _uploaded(client, data, target)
        if start is not None:
            spec["initial"] = {**(spec.get("initial") or {}), "model": find_model(client, start).id}
        if plan:
            _print_plan(client, spec, as_json=as_json)
            return
        job = client.jobs.create(spec)
        if detach:
            _print_job(job, as_json=as_json)
        else:
            _follow(client, job, as_json=as_json)


def watch(
    job: Annotated[str, typer.Argument(help="The id of a job.", metavar="JOB")],
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Watch a job until it ends. Exits with 1 if the job failed."""
    from trainyard.client import Client

    with failures_told(as_json=as_json), Client(url) as client:
        _follow(client, client.jobs.get(job), as_json=as_json)


def cancel(
    job: Annotated[str, typer.Argument(help="The id of a job.", metavar="JOB")],
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Stop a job for good; its best model so far stays."""
    from trainyard.client import Client

    with failures_told(as_json=as_json), Client(url) as client:
        _print_job(client.jobs.cancel(job), as_json=as_json)


def _uploaded(client: Client, data: Path, targets: list[str] | None) -> str:
    if not data.is_file():
        raise typer.BadParameter(f"there is no file {data}", param_hint="--data")
    targets = targets or []
    target = targets[0] if len(targets) == 1 else targets or None
    return client.datasets.create(file=data, target=target).id


def _follow(client: Client, job: Job, *, as_json: bool) -> None:
    from trainyard.cli.progress import LiveLine

    try:
        with LiveLine(job) as line:
            line.show_all(client.jobs.events(job, after=max(0, job.seq - RECENT)))
    except KeyboardInterrupt:
        _say_how_to_go_on(job)
        raise typer.Exit(INTERRUPTED) from None
    ended = client.jobs.get(job)
    _print_job(ended, as_json=as_json)
    if ended.status == "failed":
        raise typer.Exit(FAILED)


def _say_how_to_go_on(job: Job) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an impatient second Ctrl-C would hide the words
    notes().print(
        f"\nThe job goes on.\n"
        f"  watch it:   [bold]trainyard watch {job.id}[/bold]\n"
        f"  cancel it:  [bold]trainyard cancel {job.id}[/bold]",
        soft_wrap=True,
    )


def _print_job(job: Job, *, as_json: bool) -> None:
    if as_json:
        print_json(job.model_dump(mode="json"))
        return
    for name, value in _lines(job):
        results().print(f"[bold]{name:<8}[/bold] {value}", soft_wrap=True)


def _lines(job: Job) -> list[tuple[str, str]]:
    from rich.markup import escape

    from trainyard.cli.progress import measurements

    reason = f" ({job.stop_reason})" if job.stop_reason else ""
    lines = [("job", job.id), ("status", f"{job.pending_action or job.status}{reason}")]
    if job.error:
        lines.append(("error", escape(f"{job.error.type}: {job.error.detail}")))
    if job.best:
        lines.append(("best", f"epoch {job.best.epoch}  {measurements(job.best)}"))
    if job.model_id:
        lines.append(("model", job.model_id))
    return lines


def _print_plan(client: Client, spec: dict[str, Any], *, as_json: bool) -> None:
    plan = client.jobs.plan(spec)
    if as_json:
        print_json(plan.model_dump(mode="json"))
        return
    from rich.table import Table

    table = Table("layer", "kind", "output", "parameters", box=None)
    for layer in plan.layers:
        shape = " x ".join(str(size) for size in layer.output_shape)
        table.add_row(layer.name, layer.kind, shape, f"{layer.parameters:,}")
    results().print(table)
    results().print(
        f"{plan.parameters:,} parameters, {plan.memory_bytes / 2**20:,.1f} MiB,"
        f" {plan.train_rows:,} rows to train on, {plan.validation_rows:,} held out"
    )
    for warning in plan.warnings:
        notes().print(f"[yellow]Note:[/yellow] {warning}", soft_wrap=True)
