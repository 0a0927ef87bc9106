"""Commands that run the service. The only module of this package that loads ``service``, lazily."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Train jobs in this service too.")
    ] = True,
) -> None:
    """Serve the HTTP API, and train its jobs.

    Settings come from TRAINYARD_* variables (data folder, database, slots, keys).
    """
    from service import commands
    from service.settings import Settings

    commands.serve(Settings(), host, port, worker)


def worker() -> None:
    """Train jobs for a service that runs elsewhere on the same database."""
    from service import commands
    from service.settings import Settings

    commands.worker(Settings())


def upgrade() -> None:
    """Bring the database to the schema of this version."""
    from service import commands
    from service.settings import Settings

    commands.upgrade(Settings())


def openapi(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout if not given.")
    ] = None,
) -> None:
    """Print the OpenAPI description of the HTTP API."""
    from service.app import create_app
    from service.settings import Settings

    document = json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        typer.echo(document, nl=False)
    else:
        output.write_text(document, encoding="utf-8")
