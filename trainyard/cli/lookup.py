"""Jobs and models by the names that people give them on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainyard.cli.files import read_rows

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.results import Job, Model, Task

__all__ = [
    "find_job",
    "find_job_id",
    "find_job_of",
    "find_model",
    "read_labelled",
    "short_id",
    "state",
]

LAST = "last"
RECENT = 200
"""Jobs among which the end of an id is looked for."""
SHORTEST = 4
SHORT = 8
"""Characters of an id that are shown where all of them do not fit."""


def short_id(job: Job) -> str:
    """The end of an id: its beginning is the time, and alike in jobs of one day."""
    return job.id[-SHORT:]


def state(job: Job) -> str:
    """Its status, and what it was asked for and has not done yet."""
    return f"{job.status}, {job.pending_action} pending" if job.pending_action else job.status


def find_job(client: Client, word: str) -> Job:
    """The job with this id, the newest one (``last``), or the one whose id ends so."""
    if word.startswith("job_"):
        return client.jobs.get(word)
    if word == LAST:
        return _only(client.jobs.list(limit=1).data, word)
    if len(word) < SHORTEST:
        return _only([], word)
    recent = client.jobs.list(limit=RECENT).data
    return _only([job for job in recent if job.id.lower().endswith(word.lower())], word)


def find_job_id(client: Client, word: str) -> str:
    """As :func:`find_job`, without asking for what is an id already."""
    return word if word.startswith("job_") else find_job(client, word).id


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


def _only(found: list[Job], word: str) -> Job:
    from trainyard.errors import TrainyardError

    if len(found) == 1:
        return found[0]
    if word == LAST:
        raise TrainyardError("There are no jobs yet. Start one with `trainyard train -f job.yaml`.")
    if found:
        ids = ", ".join(job.id for job in found)
        raise TrainyardError(f"{word!r} is the end of several ids: {ids}. Give more of it.")
    raise TrainyardError(
        f"No job is called {word!r}. Give an id, its last {SHORTEST} characters or more, or "
        f"`{LAST}` for the newest one; `trainyard runs` lists them."
    )
