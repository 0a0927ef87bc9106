"""What the commands that ask a model have in common: which model, and rows with their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainyard.cli.files import read_rows

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.results import Model, Task


def find_model(client: Client, name: str) -> Model:
    """The model with an id, or the one that the job with that id has made."""
    from trainyard.errors import TrainyardError

    if name.startswith("job_"):
        made = client.jobs.get(name).model_id
        if made is None:
            raise TrainyardError(f"{name} has made no model yet: it has no checkpoint")
        name = made
    return client.models.get(name)


def read_labelled(model: Model, file: Path) -> list[Any]:
    """Rows of a file with the targets beside the inputs."""
    kinds = {column.name: column.kind for column in model.inputs}
    return read_rows(file, kinds | dict.fromkeys(model.task.targets, _kind(model.task)))


def _kind(task: Task) -> str:
    """The kind of the targets' cells in a CSV."""
    kinds = {bool: "boolean", str: "string"}
    return kinds.get(type(task.classes[0]), "float") if task.classes else "float"
