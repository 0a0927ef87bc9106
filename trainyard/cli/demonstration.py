"""The command that shows everything once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def demo(
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Folder to keep the demo's database in; a temporary one if not given."),
    ] = None,
) -> None:
    """Start a service, train two networks on real data over HTTP, predict, and stop it again."""
    from trainyard import demo as show

    raise typer.Exit(show.run(data_dir))
