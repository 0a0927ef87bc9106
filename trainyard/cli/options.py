"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

Url: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="TRAINYARD_URL",
        show_envvar=True,
        help="Address of the service; http://127.0.0.1:8000 if not given. "
        "Its key is read from TRAINYARD_API_KEY.",
    ),
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print the result as JSON, for other programs.")
]
ModelName: TypeAlias = Annotated[
    str, typer.Argument(help="The id of a model, or of the job that made it.", metavar="MODEL")
]
