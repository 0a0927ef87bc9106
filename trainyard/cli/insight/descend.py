"""The command that races optimizers over a surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.options import Json, Url
from trainyard.cli.output import connected, print_json, results
from trainyard.cli.specs import parse_spec

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.insights import Descent


RACERS = (
    "sgd:learning_rate=0.001",
    "sgd:learning_rate=0.001,momentum=0.9",
    "adam:learning_rate=0.2",
)
"""Who races if nobody is named: none of them diverges on the surface that is the default."""


def descend(
    *,
    surface: Annotated[
        str,
        typer.Option(
            help="What to descend: its kind, or kind:name=value,... as in bowl:condition=9.",
            metavar="KIND",
            autocompletion=completion.surfaces,
        ),
    ] = "rosenbrock",
    optimizer: Annotated[
        list[str] | None,
        typer.Option(
            help="Who descends, as in adam or sgd:learning_rate=0.01; may be repeated. By default "
            "sgd without and with momentum, and adam.",
            metavar="KIND",
            autocompletion=completion.optimizers,
        ),
    ] = None,
    schedule: Annotated[
        list[str] | None,
        typer.Option(
            help="How the learning rates change, a step being an epoch: one for all, or repeated, "
            "one for each optimizer; constant leaves them as they are.",
            metavar="KIND",
            autocompletion=completion.schedules,
        ),
    ] = None,
    start: Annotated[
        tuple[float, float] | None, typer.Option(help="Where to begin: x and y.", metavar="X Y")
    ] = None,
    steps: Annotated[int, typer.Option(help="For how many steps.")] = 200,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Race optimizers over a surface.

    Says where each of them ends; with --json the paths are printed too.
    """
    runs = _runs(optimizer or list(RACERS), schedule or [])
    with connected(url, as_json=as_json) as client:
        race = client.descents.create(
            parse_spec(surface, "--surface"),
            runs,
            start=start,
            steps=steps,
        )
    if as_json:
        print_json(race.model_dump(mode="json"))
        return
    results().print(as_table(race))
    minima = ", ".join(f"({x:.6g}, {y:.6g})" for x, y in race.minima)
    results().print(f"from {_point(race.start)}; minima: {minima or 'none'}", soft_wrap=True)


def _runs(optimizers: list[str], schedules: list[str]) -> list[dict[str, Any]]:
    """Runs that are called what was typed, so that the same kind may race against itself."""
    if len(schedules) < 2:
        return [_run(text, *schedules) | {"name": text[:100]} for text in optimizers]
    if len(schedules) != len(optimizers):
        raise typer.BadParameter(
            f"give one for all, or {len(optimizers)}: one for each optimizer, in their order",
            param_hint="--schedule",
        )
    pairs = zip(optimizers, schedules, strict=True)
    return [_run(*pair) | {"name": " ".join(pair)[:100]} for pair in pairs]


def _run(optimizer: str, schedule: str | None = None) -> dict[str, Any]:
    run = {"optimizer": parse_spec(optimizer, "--optimizer")}
    return run if schedule is None else run | {"schedule": parse_spec(schedule, "--schedule")}


def as_table(race: Descent) -> Table:
    """One line an optimizer: how far it went, and where it ended."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("optimizer", box=None, pad_edge=False)
    for heading in ("steps", "ends at (x, y)", "f(x, y)", "to the nearest minimum"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("")
    for path in race.paths:
        table.add_row(
            escape(path.name),
            str(path.steps),
            _point(path.end),
            f"{path.value:.4g}",
            "-" if path.distance is None else f"{path.distance:.4g}",
            "[red]diverged[/red]" if path.diverged else "",
        )
    return table


def _point(point: tuple[float, float]) -> str:
    return f"({point[0]:.4g}, {point[1]:.4g})"
