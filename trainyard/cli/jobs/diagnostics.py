"""The command that shows how gradients, weights and units are doing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli.lookup import find_job_id
from trainyard.cli.options import JobName, Json, Url
from trainyard.cli.output import connected, number, print_json, results, sparkline

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.results import Epoch

MAX_POINTS = 10_000
_HISTOGRAMS = ("weights", "gradients")


def diagnostics(
    job: JobName,
    *,
    epoch: Annotated[
        int | None, typer.Option(help="Which epoch to show, instead of the last one measured.")
    ] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Show how gradients, weights and units are doing.

    Of each layer, in an epoch, and what looks unwell. The job needs "diagnostics" in its spec.
    """
    from trainyard.errors import TrainyardError

    with connected(url, as_json=as_json) as client:
        job = find_job_id(client, job)
        measured = client.jobs.epochs(job, diagnosed=True, max_points=MAX_POINTS)
        if not measured.data:
            raise TrainyardError(
                f"{job} has measured nothing yet. Jobs do if their spec has "
                '"diagnostics": {"every": 1}.'
            )
        shown = _chosen(measured.data, epoch)
        if shown is None:
            known = f"{measured[0].epoch} to {measured[-1].epoch}"
            raise TrainyardError(f"Epoch {epoch} was not measured; {len(measured)} were, {known}.")
    if as_json:
        print_json(shown.model_dump(mode="json"))
        return
    told = shown.diagnostics or {}
    results().print(f"[bold]epoch {shown.epoch}[/bold]")
    results().print(as_table(told["layers"]))
    for warning in told["warnings"]:
        results().print(f"[yellow]{warning}[/yellow]", soft_wrap=True)


def _chosen(measured: list[Epoch], epoch: int | None) -> Epoch | None:
    if epoch is None:
        return measured[-1]
    return next((row for row in measured if row.epoch == epoch), None)


def as_table(layers: list[dict[str, Any]]) -> Table:
    """One line a layer with parameters."""
    from rich.table import Table

    table = Table("layer", box=None, pad_edge=False)
    for heading in ("|weights|", "|gradient|", "|update|", "update / weights", "dead units"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("weights", no_wrap=True)
    table.add_column("gradients", no_wrap=True)
    for layer in layers:
        norms = ("weight_norm", "gradient_norm", "update_norm", "update_ratio")
        table.add_row(
            layer["layer"],
            *(number(layer[name]) for name in norms),
            f"{layer['dead_units']} of {layer['units']}",
            *(sparkline(layer[name]["counts"]) if name in layer else "-" for name in _HISTOGRAMS),
        )
    return table
