"""The commands that take models out of the service as files, and bring them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from trainyard.cli.files import read_job
from trainyard.cli.models import find_model
from trainyard.cli.options import Checkpoint, Json, ModelName, Url
from trainyard.cli.output import connected, print_json, results, write


def export(
    model: ModelName,
    *,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; by default the id.safetensors."),
    ] = None,
    checkpoint: Checkpoint = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Write a model to a safetensors file.

    It says all that is to be known of the model, and can be imported again, here or elsewhere.
    """
    with connected(url, as_json=as_json) as client:
        found = find_model(client, model)
        content = client.models.weights(found, checkpoint=checkpoint)
    file = output or Path(f"{found.id}.safetensors")
    write(file, content)
    if as_json:
        print_json({"model_id": found.id, "file": str(file), "bytes": len(content)})
    else:
        results().print(f"{file} ({len(content):,} bytes)", highlight=False)


def bring_in(
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
