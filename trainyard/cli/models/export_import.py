"""The commands that take models and curves out of the service as files, and bring models in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainyard.cli.files import read_job
from trainyard.cli.lookup import find_job_of, find_model
from trainyard.cli.options import Checkpoint, Json, ModelName, Url
from trainyard.cli.output import connected, print_json, results, write, writing

if TYPE_CHECKING:
    from trainyard.client import Client


def export(
    model: ModelName,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; by default the id.safetensors."),
    ] = None,
    checkpoint: Checkpoint = None,
    curves: Annotated[
        Path | None,
        typer.Option(
            help="Write this CSV file instead: every epoch of its job, with losses, metrics and "
            "learning rate."
        ),
    ] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Write a model, or the curves of its job, to a file.

    The safetensors file says all that is to be known of the model, and can be imported again, here
    or elsewhere. The curves have a row for every epoch of every fold.
    """
    if curves is not None and (output is not None or checkpoint is not None):
        raise typer.BadParameter(
            "curves are of all epochs, in their own file: leave out --output and --checkpoint",
            param_hint="--curves",
        )
    with connected(url, as_json=as_json) as client:
        if curves is not None:
            _export_curves(client, find_job_of(client, model), curves, as_json=as_json)
            return
        found = find_model(client, model)
        content = client.models.weights(found, checkpoint=checkpoint)
    file = output or Path(f"{found.id}.safetensors")
    write(file, content)
    if as_json:
        print_json({"model_id": found.id, "file": str(file), "bytes": len(content)})
    else:
        results().print(f"{file} ({len(content):,} bytes)", highlight=False)


def _export_curves(client: Client, job: str, file: Path, *, as_json: bool) -> None:
    with writing(file, "--curves"):
        epochs = client.jobs.export_curves(job, file)
    if as_json:
        print_json({"job_id": job, "file": str(file), "epochs": epochs})
    else:
        results().print(f"{file} ({epochs:,} epochs)", highlight=False)


def import_model(
    file: Annotated[Path, typer.Argument(help="A safetensors file.")],
    *,
    definition: Annotated[
        Path | None,
        typer.Option(
            help="What the weights mean, as YAML or JSON: inputs, target, spec. Files that were "
            "exported say it themselves."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the model.")] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Make a model of a safetensors file.

    To predict with, to look into, or to begin a job with.
    """
    if not file.is_file():
        raise typer.BadParameter(f"there is no file {file}", param_hint="FILE")
    said: dict[str, Any] | None = None if definition is None else read_job(definition)
    with connected(url, as_json=as_json) as client:
        model = client.models.create(file=file, definition=said, name=name)
    if as_json:
        print_json(model.model_dump(mode="json"))
    else:
        results().print(model.id, highlight=False)
