"""The commands that say which models there are, and what one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainyard.cli.lookup import find_model
from trainyard.cli.newest import Fact, Limit, print_newest
from trainyard.cli.options import Json, ModelName, Url
from trainyard.cli.output import connected, print_json, results

if TYPE_CHECKING:
    from rich.table import Table

    from trainyard.results import Model


_FACTS: list[Fact[Model]] = [
    Fact("predicts", lambda model: ", ".join(model.task.targets), needs_room=True),
    Fact(
        "epoch",
        lambda model: str(model.checkpoint.epoch) if model.checkpoint else "",
        is_text=False,
    ),
]


def models(
    *,
    limit: Limit = 20,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """List models, newest first."""
    with connected(url, as_json=as_json) as client:
        found = client.models.list(limit=limit).data
    hint = "There are no models yet. Train one: `trainyard train -f job.yaml`."
    print_newest("model", found, _FACTS, hint, as_json=as_json)


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
