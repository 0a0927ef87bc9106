"""The command that draws the loss around a model."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli.lookup import find_model, read_labelled
from trainyard.cli.options import Checkpoint, Json, Labelled, ModelName, Part, Url
from trainyard.cli.output import bar, connected, number, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import Landscape

_SHADES = " ░▒▓█"


def landscape(
    model: ModelName,
    *,
    file: Labelled = None,
    part: Part = None,
    dimensions: Annotated[
        int, typer.Option(min=1, max=2, help="Along how many random directions.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Which directions.")] = 0,
    span: Annotated[
        float, typer.Option(help="How far to go, in sizes of each unit's own weights.")
    ] = 1.0,
    toward: Annotated[
        int | None,
        typer.Option(help="Go to the checkpoint of this epoch instead of at random."),
    ] = None,
    resolution: Annotated[int | None, typer.Option(help="Points along each direction.")] = None,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Draw the loss around a model.

    Along random directions, or towards another checkpoint.
    """
    random = {"kind": "random", "dimensions": dimensions, "seed": seed, "span": span}
    directions: dict[str, Any] = (
        random if toward is None else {"kind": "checkpoint", "epoch": toward}
    )
    with connected(url, as_json=as_json) as client:
        found = find_model(client, model)
        told = client.models.landscape(
            found,
            None if file is None else read_labelled(found, file),
            part=part,
            directions=directions,
            resolution=resolution,
            checkpoint=checkpoint,
        )
    if as_json:
        print_json(told.model_dump(mode="json"))
        return
    results().print(as_table(told) if told.dimensions == 1 else as_map(told), soft_wrap=True)
    results().print(f"loss {number(told.loss)} at 0, on {told.rows} rows")


def as_table(told: Landscape) -> Table:
    """A line a position, with a bar as long as the loss is high."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("position", justify="right")
    table.add_column("loss", justify="right")
    table.add_column("", no_wrap=True)
    highest = max((loss for loss in told.losses if loss is not None), default=0.0)
    for position, loss in zip(told.positions, told.losses, strict=True):
        table.add_row(f"{position:.3g}", number(loss), bar(loss or 0.0, highest))
    return table


def as_map(told: Landscape) -> str:
    """Shades, the darker the higher, in equal steps of the logarithm; ? is not finite."""
    finite = [loss for row in told.losses for loss in row if loss is not None]
    if not finite:
        return "No loss of it is finite."
    low, high = min(finite), max(finite)
    rows = ["".join(2 * _shade(loss, low, high) for loss in row) for row in reversed(told.losses)]
    return "\n".join([*rows, f"from {number(low)} (blank) to {number(high)} ({_SHADES[-1]})"])


def _shade(loss: float | None, low: float, high: float) -> str:
    if loss is None:
        return "?"
    share = log(1 + 99 * (loss - low) / (high - low)) / log(100) if high > low else 0.0
    return _SHADES[round(share * (len(_SHADES) - 1))]
