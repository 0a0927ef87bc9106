"""The commands about datasets."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli import completion
from trainyard.cli.newest import Fact, Limit, print_newest
from trainyard.cli.options import DatasetId, Json, Url, Yes
from trainyard.cli.output import confirm, connected, notes, number, print_json, results, size
from trainyard.cli.specs import parse_spec

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.results import Dataset, RowPage

_STATISTICS = {
    "missing": "missing",
    "distinct": "distinct",
    "lowest": "minimum",
    "mean": "mean",
    "highest": "maximum",
}
"""Columns of the table, and the statistics in them."""
_FACTS: list[Fact[Dataset]] = [
    Fact("rows", lambda dataset: f"{dataset.rows:,}", is_text=False),
    Fact("columns", lambda dataset: f"{len(dataset.columns):,}", is_text=False, needs_room=True),
    Fact(
        "target",
        lambda dataset: ", ".join(dataset.task.targets) if dataset.task else "",
        needs_room=True,
    ),
]


def add(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, TSV, JSON, JSON Lines, Parquet, Arrow or NPZ; - reads stdin.",
            metavar="[FILE]",
            show_default=False,
        ),
    ] = None,
    *,
    builtin: Annotated[
        str | None,
        typer.Option(
            help="Data that the service brings along instead: its kind, or kind:name=value,... as "
            "in two_moons:samples=500.",
            metavar="KIND",
            autocompletion=completion.dataset_kinds,
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="The column that is to be predicted; for several, repeat it.", metavar="COLUMN"
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            help="classification or regression, where the target could mean either.",
            autocompletion=lambda: ["classification", "regression"],
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(help="That rows are images, and of what size: 28x28, 32x32x3.", metavar="WxH"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Add a dataset: a file, or built-in data.

    The same content with the same target is the same dataset: adding it again changes nothing.
    """
    if (file is None) == (builtin is None):
        raise typer.BadParameter("give a file or --builtin, one of them", param_hint="FILE")
    said: dict[str, Any] = {"name": name, "task": task, "image": _image_size(image)}
    if target:
        said["target"] = target[0] if len(target) == 1 else target
    if builtin is not None:
        said["builtin"] = parse_spec(builtin, "--builtin")
    elif str(file) == "-":
        said["content"] = sys.stdin.buffer.read()
    elif file is not None and file.is_file():
        said["file"] = file
    else:
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    with connected(url, as_json=as_json) as client:
        added = client.datasets.create(**said)
    if as_json:
        print_json(added.model_dump(mode="json"))
        return
    results().print(added.id)
    notes().print(f"{added.name}: {_shape(added)}, {_task(added)}", markup=False, soft_wrap=True)
    for warning in added.warnings:
        notes().print(f"[yellow]Note:[/yellow] {_escaped(warning)}", soft_wrap=True)


def list_(
    *,
    limit: Limit = 20,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """List datasets, newest first."""
    with connected(url, as_json=as_json) as client:
        found = client.datasets.list(limit=limit).data
    hint = "There are no datasets yet. Add one: `trainyard datasets add FILE`."
    print_newest("dataset", found, _FACTS, hint, as_json=as_json)


def show(dataset: DatasetId, *, as_json: Json = False, url: Url = None) -> None:
    """Show the columns of a dataset with their statistics."""
    with connected(url, as_json=as_json) as client:
        found = client.datasets.get(dataset)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    results().print(f"[bold]{_escaped(found.name or found.id)}[/bold]  {found.id}", soft_wrap=True)
    results().print(f"{_shape(found)}, {size(found.size_bytes)}, {_task(found)}\n", markup=False)
    results().print(columns_table(found))
    for warning in found.warnings:
        notes().print(f"[yellow]Note:[/yellow] {_escaped(warning)}", soft_wrap=True)


def rows(
    dataset: DatasetId,
    *,
    offset: Annotated[int, typer.Option(min=0, help="The first of them.")] = 0,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many.")] = 10,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Show some rows of a dataset.

    With --json as a list that `trainyard predict` takes.
    """
    with connected(url, as_json=as_json) as client:
        page = client.datasets.rows(dataset, offset=offset, limit=limit)
    if as_json:
        print_json(page.data)
        return
    results().print(rows_table(page))
    notes().print(f"rows {page.offset} to {page.offset + len(page.data) - 1} of {page.total}")


def delete(dataset: DatasetId, *, yes: Yes = False, as_json: Json = False, url: Url = None) -> None:
    """Delete a dataset that no job waits for or trains on."""
    confirm(f"Delete {dataset} for good?", yes=yes)
    with connected(url, as_json=as_json) as client:
        client.datasets.delete(dataset)
    if as_json:
        print_json({"id": dataset, "deleted": True})
    else:
        notes().print(f"{dataset} is deleted.")


def _image_size(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d+x\d+(x\d+)?", text):
        raise typer.BadParameter(
            f"{text!r} should read like 28x28 or 32x32x3", param_hint="--image"
        )
    return tuple(int(extent) for extent in text.split("x"))


def _shape(dataset: Dataset) -> str:
    return f"{dataset.rows:,} rows, {len(dataset.columns)} columns"


def _task(dataset: Dataset) -> str:
    if dataset.task is None:
        return "no target"
    return f"predicts {', '.join(dataset.task.targets)} ({dataset.task.kind})"


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def columns_table(found: Dataset) -> Table:
    """One line a column; what a kind of column does not have stays empty."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("column", overflow="ellipsis", no_wrap=True)
    for heading in ("kind", *_STATISTICS):
        table.add_column(heading, justify="left" if heading == "kind" else "right", no_wrap=True)
    for column in found.columns:
        statistics = column.model_dump()
        table.add_row(
            _escaped(column.name),
            column.kind,
            *(_statistic(statistics.get(name)) for name in _STATISTICS.values()),
        )
    return table


def rows_table(page: RowPage) -> Table:
    """One line a row, with its number."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("row", justify="right", style="dim", no_wrap=True)
    for name in page.data[0] if page.data else ():
        table.add_column(_escaped(name), overflow="ellipsis", no_wrap=True)
    for index, row in enumerate(page.data, start=page.offset):
        table.add_row(str(index), *(_cell(value) for value in row.values()))
    return table


def _cell(value: Any) -> str:
    if value is None:
        return "[dim]-[/dim]"
    return f"{value:.6g}" if isinstance(value, float) else _escaped(str(value))


def _statistic(value: Any) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else number(value)
