"""The command that tells how a cross-validation did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainyard.cli.lookup import find_job_id
from trainyard.cli.options import JobName, Json, Url
from trainyard.cli.output import connected, number, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import Folds, Spread


def folds(
    job: JobName,
    *,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Show every fold of a cross-validation.

    And the mean and deviation over those that have ended.
    """
    from trainyard.errors import TrainyardError

    with connected(url, as_json=as_json) as client:
        job = find_job_id(client, job)
        told = client.jobs.folds(job)
        if not told.folds:
            raise TrainyardError(
                f'{job} does not cross-validate. Jobs do whose spec has "validation": "k_fold".'
            )
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    results().print(as_table(told))
    results().print(f"{len(told.data)} of {told.folds} folds have ended")


def as_table(told: Folds) -> Table:
    """One line a fold with its metrics on held-out rows, and below them what they amount to."""
    from rich.table import Table

    table = Table("fold", box=None, pad_edge=False)
    for heading in ("rows", "best epoch", "of", *told.validation, "training loss"):
        table.add_column(heading, justify="right")
    for fold in told.data:
        table.add_row(
            str(fold.fold),
            str(fold.validation_rows),
            str(fold.best_epoch),
            str(fold.epochs),
            *(number(value) for value in fold.validation.values()),
            number(fold.train.get("loss")),
        )
    if told.data:
        spreads = [*told.validation.values(), told.train["loss"]]
        table.add_row("[bold]mean[/bold]", "", "", "", *map(_spread, spreads))
    return table


def _spread(spread: Spread) -> str:
    deviation = "" if spread.deviation is None else f" ± {number(spread.deviation)}"
    return f"[bold]{number(spread.mean)}{deviation}[/bold]"
