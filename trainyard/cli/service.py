"""Commands that run the service. The only module of this package that loads ``service``, lazily."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.output import FAILED, USAGE

if TYPE_CHECKING:
    from service.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Train jobs in this service too.")
    ] = True,
) -> None:
    """Serve the dashboard (at /) and the HTTP API (described at /docs), and train jobs.

    Settings come from TRAINYARD_* variables (data folder, database, slots, keys).
    """
    from service import commands

    with _refusals_told():
        settings = _settings()
        _log_to_stderr()
        commands.serve(settings, host, port, worker)


def worker() -> None:
    """Train jobs for a service that runs elsewhere on the same database."""
    from service import commands

    with _refusals_told():
        settings = _settings()
        _log_to_stderr()
        commands.worker(settings)


def upgrade() -> None:
    """Bring the database to the schema of this version."""
    from service import commands

    with _refusals_told():
        commands.upgrade(_settings())


def openapi(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout if not given.")
    ] = None,
) -> None:
    """Print the OpenAPI description of the HTTP API."""
    from service.app import create_app

    with _refusals_told():
        app = create_app(_settings())
    document = json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        typer.echo(document, nl=False)
    else:
        output.write_text(document, encoding="utf-8")


def _settings() -> Settings:
    """The settings from the environment; exits with 2 if they make no sense."""
    from pydantic import ValidationError

    from service.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for wrong in error.errors():
            name = "_".join(str(part) for part in wrong["loc"][:1]).upper()
            typer.echo(f"Error: TRAINYARD_{name}: {wrong['msg']}", err=True)
        raise typer.Exit(USAGE) from None


def _log_to_stderr() -> None:
    """One line a request and one for whatever happens to jobs."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("uvicorn.access").setLevel(
        logging.WARNING
    )  # the service logs requests itself


@contextmanager
def _refusals_told() -> Iterator[None]:
    """What the service refuses to start with, in words instead of a traceback."""
    from service.commands import StorageUrlError, UnsafeAddressError
    from service.database import DatabaseFailure
    from service.migration import SchemaOutdatedError

    try:
        yield
    except (UnsafeAddressError, SchemaOutdatedError, StorageUrlError, OSError) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except DatabaseFailure as error:
        typer.echo(f"Error: the database: {getattr(error, 'orig', None) or error}", err=True)
        raise typer.Exit(FAILED) from None
