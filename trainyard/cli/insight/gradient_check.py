"""The command that holds backpropagation against central differences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.lookup import find_model, read_labelled
from trainyard.cli.options import Checkpoint, Json, ModelName, Url
from trainyard.cli.output import FAILED, connected, number, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import CheckedBlock, GradientCheck


def check_gradients(
    model: ModelName,
    *,
    file: Annotated[
        Path,
        typer.Option("--file", "-f", help="At most 100 rows with their targets; - reads stdin."),
    ],
    tolerance: Annotated[
        float | None, typer.Option(help="The largest relative error that passes.")
    ] = None,
    per_block: Annotated[
        int | None, typer.Option(help="How many parameters of each block are checked.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Which of them, in large blocks.")] = None,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Check gradients against central differences.

    Exits with 1 if their gradients do not agree.
    """
    with connected(url, as_json=as_json) as client:
        found = find_model(client, model)
        check = client.models.check_gradients(
            found,
            read_labelled(found, file),
            tolerance=tolerance,
            per_block=per_block,
            seed=seed,
            checkpoint=checkpoint,
        )
    if as_json:
        print_json(check.model_dump(mode="json"))
    else:
        results().print(as_table(check))
        results().print(_verdict(check))
    if not check.passed:
        raise typer.Exit(FAILED)


def _verdict(check: GradientCheck) -> str:
    word = "[green]passed[/green]" if check.passed else "[red]failed[/red]"
    worst = number(check.largest_relative_error)
    return f"{word}: largest relative error {worst}, tolerance {check.tolerance:g}"


def as_table(check: GradientCheck) -> Table:
    """One line a block of parameters, with the numbers at its worst place."""
    from rich.table import Table

    table = Table("parameters", box=None, pad_edge=False)
    for heading in ("checked", "relative error", "at", "backpropagation", "differences"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for block in check.blocks:
        table.add_row(*_cells(block))
    return table


def _cells(block: CheckedBlock) -> tuple[str, ...]:
    return (
        block.name,
        f"{block.checked} of {block.of}",
        number(block.largest_relative_error),
        str(block.index or "-"),
        number(block.analytic),
        number(block.numeric),
        "" if block.passed else "[red]failed[/red]",
    )
