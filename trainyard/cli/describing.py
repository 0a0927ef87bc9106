"""The commands that say which models there are, and what one is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.models import find_model
from trainyard.cli.options import Json, ModelName, Url
from trainyard.cli.output import age, connected, notes, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.results import Model


WIDE = 80


def models(
    *,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=200, help="How many of the newest to list.")
    ] = 20,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """List models, newest first."""
    with connected(url, as_json=as_json) as client:
        found = client.models.list(limit=limit).data
    if as_json:
        print_json([model.model_dump(mode="json") for model in found])
    elif found:
        results().print(list_table(found, results().width, datetime.now(UTC)))
    else:
        notes().print("There are no models yet. Train one: `trainyard train -f job.yaml`.")


def list_table(found: list[Model], width: int, now: datetime) -> Table:
    """One line a model; ids are always whole."""
    from rich.markup import escape
    from rich.table import Table

    is_wide = width >= WIDE
    table = Table(box=None, pad_edge=False)
    table.add_column("model", no_wrap=True)
    for heading in ("name", "predicts") if is_wide else ("name",):
        table.add_column(heading, overflow="ellipsis", no_wrap=True)
    table.add_column("epoch", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("made", justify="right", no_wrap=True, style="dim")
    for each in found:
        epoch = str(each.checkpoint.epoch) if each.checkpoint else ""
        predicts = [escape(", ".join(each.task.targets))] if is_wide else []
        made = [age(each.created_at, now)] if is_wide else []
        table.add_row(each.id, escape(each.name or ""), *predicts, epoch, *made)
    return table


def model(model: ModelName, *, as_json: Json = False, url: Url = None) -> None:
    """Say what a model predicts, and from which columns.

    Also which of its weights are exactly zero, and which inputs that switches off.
    """
    with connected(url, as_json=as_json) as client:
        found = find_model(client, model)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        results().print(as_table(found))


def as_table(found: Model) -> Table:
    """One line a fact."""
    from rich.markup import escape
    from rich.table import Table

    task, used = found.task, found.checkpoint
    facts = {
        "id": found.id,
        "name": found.name or "",
        "made by": found.job_id or "imported",
        "predicts": f"{', '.join(task.targets)} ({task.kind})",
        "classes": ", ".join(map(str, task.classes)),
        "from": ", ".join(f"{column.name} ({column.kind})" for column in found.inputs),
        "epoch": "" if used is None else str(used.epoch),
        "state": "final" if found.final else "its job still trains",
    }
    if found.sparsity is not None:
        zeros = found.sparsity
        facts["zero weights"] = f"{zeros.share:.1%}"
        facts |= {f"  {each['name']}": f"{each['zeros']} of {each['of']}" for each in zeros.weights}
        facts["switched off"] = ", ".join(zeros.inputs_off or ()) or "none"
        if zeros.inputs_off is None:
            facts["switched off"] = "cannot be told: layers before the first weights mix inputs"
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in facts.items():
        if value:
            table.add_row(f"[bold]{name}[/bold]", escape(value))
    return table
