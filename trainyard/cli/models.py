"""What the commands that ask a model have in common: which model, and rows with their answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainyard.cli.files import read_rows
from trainyard.cli.jobs import find_job, find_job_id

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.results import Model, Task


def find_model(client: Client, name: str) -> Model:
    """The model with an id, or the one that a job has made, which is named as jobs are."""
    from trainyard.errors import TrainyardError

    if name.startswith("mdl_"):
        return client.models.get(name)
    job = find_job(client, name)
    if job.model_id is None:
        raise TrainyardError(f"{job.id} has made no model yet: it has no checkpoint.")
    return client.models.get(job.model_id)


def find_job_of(client: Client, name: str) -> str:
    """The id of the job that made a model, or of the one that is named itself."""
    from trainyard.errors import TrainyardError

    if not name.startswith("mdl_"):
        return find_job_id(client, name)
    job = client.models.get(name).job_id
    if job is None:
        raise TrainyardError(f"{name} was imported: no job here has trained it.")
    return job


def read_labelled(model: Model, file: Path) -> list[Any]:
    """Rows of a file with the targets beside the inputs."""
    kinds = {column.name: column.kind for column in model.inputs}
    return read_rows(file, kinds | dict.fromkeys(model.task.targets, _kind(model.task)))


def _kind(task: Task) -> str:
    """The kind of the targets' cells in a CSV."""
    kinds = {bool: "boolean", str: "string"}
    return kinds.get(type(task.classes[0]), "float") if task.classes else "float"
