"""The command that tells what a model listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.lookup import find_model, read_labelled
from trainyard.cli.options import Checkpoint, Json, Labelled, ModelName, Part, Url
from trainyard.cli.output import bar, connected, number, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import Importances


def importances(
    model: ModelName,
    *,
    file: Labelled = None,
    part: Part = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column to measure; may be repeated. All if none.", metavar="COLUMN"),
    ] = None,
    score: Annotated[
        str | None, typer.Option(help="What falls without a column, as in accuracy, r2 or loss.")
    ] = None,
    repeats: Annotated[int | None, typer.Option(help="How often each is shuffled.")] = None,
    seed: Annotated[int | None, typer.Option(help="Where the shuffles come from.")] = None,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Compute the permutation importance of each input column.

    That is, how much worse it gets with each of them shuffled.
    """
    with connected(url, as_json=as_json) as client:
        found = find_model(client, model)
        told = client.models.importances(
            found,
            None if file is None else read_labelled(found, file),
            part=part,
            inputs=column,
            score=score,
            repeats=repeats,
            seed=seed,
            checkpoint=checkpoint,
        )
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    results().print(as_table(told))
    results().print(
        f"{told.score} {number(told.baseline)} on {told.rows} rows, {told.repeats} shuffles each"
    )


def as_table(told: Importances) -> Table:
    """One line a column, the most important one first."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("column", box=None, pad_edge=False)
    table.add_column("importance", justify="right")
    table.add_column("±", justify="right")
    table.add_column("", no_wrap=True)
    table.add_column("mean |∂ŷ/∂x|", justify="right")
    most = max((each.importance or 0.0 for each in told.inputs), default=0.0)
    for each in told.inputs:
        leaning = max((abs(value or 0.0) for value in each.sensitivity or ()), default=None)
        table.add_row(
            escape(each.column),
            number(each.importance),
            number(each.deviation),
            bar(each.importance or 0.0, most),
            "-" if leaning is None else number(leaning),
        )
    return table
