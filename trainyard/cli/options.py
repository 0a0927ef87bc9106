"""Options that several commands share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from trainyard.cli import completion


def _address(url: str | None) -> str | None:
    if url is not None:
        from trainyard.client import service_url

        try:
            return service_url(url)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    return None


def _header(key: str | None) -> str | None:
    if key is not None and not re.fullmatch(r"[!-~]{1,255}", key):
        raise typer.BadParameter("a key is 1 to 255 letters, digits and signs of ASCII, no spaces")
    return key


Url: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        envvar="TRAINYARD_URL",
        show_envvar=True,
        callback=_address,
        help="Address of the service; http://127.0.0.1:8000 if not given. "
        "Its key is read from TRAINYARD_API_KEY.",
    ),
]
IdempotencyKey: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        callback=_header,
        help="Idempotency key: repeating the command with the same key creates no second job.",
    ),
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON, for other programs.")
]
JobName: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="The id of a job, the end of it, or last for the newest job.",
        metavar="JOB",
        autocompletion=completion.jobs,
    ),
]
ModelName: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="The id of a model, or the job that made it (an id, the end of it, or last).",
        metavar="MODEL",
        autocompletion=completion.models,
    ),
]
DatasetId: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="The id of a dataset.", metavar="DATASET", autocompletion=completion.datasets
    ),
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
Checkpoint: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="The epoch of a checkpoint, or last, instead of the best one.", metavar="EPOCH|last"
    ),
]
Labelled: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--file",
        "-f",
        help="Rows with their targets, as JSON, JSON Lines or CSV; - reads stdin. "
        "Without them, rows of the job's own data are taken.",
    ),
]
Part: TypeAlias = Annotated[
    str | None, typer.Option(help="Which rows of the job's own data: train or validation.")
]
