"""The command that trains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.files import read_job
from trainyard.cli.jobs.start import make_job
from trainyard.cli.jobs.watch import follow, print_job
from trainyard.cli.lookup import find_model
from trainyard.cli.options import IdempotencyKey, Json, Url
from trainyard.cli.output import connected, notes, print_json, results

if TYPE_CHECKING:
    from trainyard.client import Client


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
        typer.Option(
            help="The column of --data that is to be predicted; for several, repeat it.",
            metavar="COLUMN",
        ),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            help="A model, or the job that made it, to begin with.",
            metavar="MODEL",
            autocompletion=completion.models,
        ),
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Dry run: validate the job and print its plan.")
    ] = False,
    watch: Annotated[
        bool,
        typer.Option("--watch/--detach", help="Watch until the job ends, or only start it."),
    ] = True,
    idempotency_key: IdempotencyKey = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Train a network and watch it learn.

    Progress goes to stderr, the result to stdout. Ctrl-C ends the watching, not the job.
    """
    if data is None and target:
        raise typer.BadParameter("--target belongs to --data", param_hint="--target")
    spec = read_job(file)
    if data is None and "dataset" not in spec:
        message = "the job names no dataset: add one to it, or give a file with --data"
        raise typer.BadParameter(message, param_hint="--file")
    with connected(url, as_json=as_json) as client:
        if data is not None:
            spec["dataset"] = _uploaded(client, data, target)
        if start is not None:
            spec["initial"] = {**(spec.get("initial") or {}), "model": find_model(client, start).id}
        if plan:
            _print_plan(client, spec, as_json=as_json)
            return
        job = make_job(client, spec, idempotency_key)
        if watch:
            follow(client, job, as_json=as_json)
        else:
            print_job(job, as_json=as_json)


def _uploaded(client: Client, data: Path, targets: list[str] | None) -> str:
    if not data.is_file():
        raise typer.BadParameter(f"there is no file {data}", param_hint="--data")
    targets = targets or []
    target = targets[0] if len(targets) == 1 else targets or None
    return client.datasets.create(file=data, target=target).id


def _print_plan(client: Client, spec: dict[str, Any], *, as_json: bool) -> None:
    plan = client.jobs.plan(spec)
    if as_json:
        print_json(plan.model_dump(mode="json"))
        return
    from rich.table import Table

    table = Table("layer", "kind", "output", "parameters", box=None, pad_edge=False)
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
