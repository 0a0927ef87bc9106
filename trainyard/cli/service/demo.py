"""The command that shows everything once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from trainyard.cli.options import Json
from trainyard.cli.output import require_server


def demo(
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder to keep the demo's database in; a temporary one if not given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show everything once: serve, train twice, predict.

    On real data, with a service of its own on a free port, which is stopped again at the end.
    """
    require_server("demo")
    from trainyard.cli.service import demonstration as show

    raise typer.Exit(show.run(data_dir, as_json=as_json))
