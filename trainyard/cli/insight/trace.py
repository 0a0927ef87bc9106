"""The command that shows every number of one update."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli.lookup import find_model, read_labelled
from trainyard.cli.options import Checkpoint, Json, ModelName, Url
from trainyard.cli.output import connected, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import Numbers, Trace, TracedLayer


def trace(
    model: ModelName,
    *,
    file: Annotated[
        Path,
        typer.Option(
            "--file", "-f", help="A mini-batch with its targets, as JSON or CSV; - reads stdin."
        ),
    ],
    layer: Annotated[
        list[str] | None,
        typer.Option(
            help="A layer to show, as in layers.0 or output; may be repeated.", metavar="LAYER"
        ),
    ] = None,
    training: Annotated[
        bool, typer.Option("--training", help="With dropout and the like at work.")
    ] = False,
    corner: Annotated[
        int, typer.Option(min=1, max=128, help="Rows and columns of an array that are shown.")
    ] = 6,
    first_unit: Annotated[
        list[str] | None,
        typer.Option(
            help="The unit of a layer, or of the features, to begin with, counted from 0; may be "
            "repeated.",
            metavar="LAYER=UNIT",
        ),
    ] = None,
    strongest: Annotated[
        bool, typer.Option("--strongest", help="Units with the largest weights first.")
    ] = False,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Show every number of one step of backpropagation.

    Forward, back, and after the update. The model stays as it is.
    """
    with connected(url, as_json=as_json) as client:
        found = find_model(client, model)
        told = client.models.trace(
            found,
            read_labelled(found, file),
            layers=layer,
            training=training,
            corner=corner,
            first_unit=_first_units(first_unit or []),
            unit_order="weight_norm" if strongest else None,
            checkpoint=checkpoint,
        )
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        _print(told)


def _first_units(given: list[str]) -> dict[str, int] | None:
    """{"layers.0": 12} from layers.0=12. Raises BadParameter."""
    found = {}
    for each in given:
        layer, _, unit = each.partition("=")
        if not unit.isdecimal():
            message = f"{each!r} is not LAYER=UNIT, as in layers.0=12"
            raise typer.BadParameter(message, param_hint="--first-unit")
        found[layer] = int(unit)
    return found or None


def _print(told: Trace) -> None:
    out = results()
    out.print(f"[bold]step {told.step}[/bold], learning rate η = {told.learning_rate:.6g}")
    out.print("\n[bold]Forward[/bold]  z = W x + b,  h = φ(z)")
    for layer in told.layers:
        forward = {"x": layer.x, **layer.parameters, "z": layer.z, "h": layer.h}
        _print_layer(layer, forward)
    out.print(f"\n[bold]Error[/bold]  L = {_number(told.loss)}, the mean over the rows")
    out.print(as_table({"y": told.y, "ŷ": told.y_hat, "L": _losses(told)}))
    out.print("\n[bold]Backward[/bold]  δ = ∂L/∂z")
    for layer in reversed(told.layers):
        gradients = {f"∂L/∂{name[1:]}": value for name, value in layer.gradients.items()}
        error = "δ" if layer.activation else "∂L/∂h"
        _print_layer(layer, {error: layer.delta, **gradients})
    _print_update(told)


def _print_update(told: Trace) -> None:
    """What the optimizer is given and remembers, what it makes of them, and θ after it."""
    out = results()
    out.print("\n[bold]Update[/bold]  θ ← θ - η u(∂L/∂θ)")
    if told.update is not None:
        rules = [
            told.update.equation,
            *(f"{slot.name}: {slot.rule}" for slot in told.update.memory),
        ]
        for rule in rules:
            out.print(rule, style="dim", markup=False, highlight=False, soft_wrap=True)
        if told.update.fresh and told.update.memory:
            out.print("Nothing is remembered yet: the memory begins at zero.")
    for layer in told.layers:
        _print_layer(layer, _steps(layer))
        if layer.theta:
            out.print(as_table(layer.theta))


def _steps(layer: TracedLayer) -> dict[str, Numbers]:
    """From the gradient that the optimizer was given to the change of every parameter."""
    if layer.update is None:
        return {}
    told = {f"g of {name[1:]}": block for name, block in layer.update.gradients.items()}
    for name, slot in layer.update.memory.items():
        for block, before in slot.before.items():
            told[f"{name} of {block}"] = before
            told[f"{name} of {block}, after"] = slot.after[block]
    return told | {f"Δ{name}": block for name, block in layer.update.change.items()}


def _print_layer(layer: TracedLayer, arrays: dict[str, Any]) -> None:
    there = {name: value for name, value in arrays.items() if value is not None}
    if there:
        phi = f", φ = {layer.activation}" if layer.activation else ""
        results().print(f"\n[cyan]{layer.name}[/cyan] ({layer.kind}{phi}){_units(layer)}")
        results().print(as_table(there))


def _units(layer: TracedLayer) -> str:
    """Which units these are, where they are not the first ones."""
    if layer.units == [*range(len(layer.units))]:
        return ""
    return f", units {', '.join(map(str, layer.units))}"


def as_table(arrays: dict[str, Numbers]) -> Table:
    """A symbol, the shape, and the numbers of each array."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column(style="dim")
    table.add_column(no_wrap=True)
    for symbol, numbers in arrays.items():
        shape = " x ".join(str(extent) for extent in numbers.shape)
        table.add_row(symbol, shape, as_text(numbers))
    return table


def as_text(numbers: Numbers) -> str:
    """Numbers in columns, a row a line; dots stand for those that were not sent."""
    is_matrix = len(numbers.shape) > 1
    rows = numbers.values if is_matrix else [numbers.values]
    wide = bool(rows) and len(rows[0]) < numbers.shape[-1]
    lines = ["".join(f"{_number(value):>11}" for value in row) + " …" * wide for row in rows]
    return "\n".join(
        [*lines, f"{'…':>11}"] if is_matrix and len(rows) < numbers.shape[0] else lines
    )


def _losses(told: Trace) -> Numbers:
    """Those of the rows that are shown."""
    from trainyard.insights import Numbers

    rows = len(told.y.values)
    return Numbers(shape=[len(told.losses), 1], values=[[loss] for loss in told.losses[:rows]])


def _number(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.4g}"
