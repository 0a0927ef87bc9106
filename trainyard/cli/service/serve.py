"""Commands that run the service. The only module of this package that loads ``service``, lazily."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.files import first_training
from trainyard.cli.options import Json
from trainyard.cli.output import (
    FAILED,
    USAGE,
    notes,
    print_json,
    print_json_line,
    require_server,
    write,
)

if TYPE_CHECKING:
    from service.settings import Settings


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8000,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Train jobs in this service too.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Serve the dashboard and the HTTP API, and train jobs.

    The dashboard is at /, the API is described at /docs. Settings come from TRAINYARD_* variables
    (`trainyard config show` lists them). With --json a line says where it listens, once it does.
    """
    require_server("serve")
    from service import commands

    def told(url: str) -> None:
        if as_json:
            print_json_line({"type": "listening", "url": url})
        else:
            notes().print(_welcome(url), soft_wrap=True)

    with _refusals_told():
        chosen = settings()
        _log_to_stderr()
        commands.serve(chosen, host, port, worker, told)


def worker(as_json: Json = False) -> None:
    """Train jobs for a service that runs elsewhere.

    On the same database and storage. With --json a line says when it has begun.
    """
    require_server("worker")
    from service import commands

    with _refusals_told():
        chosen = settings()

        def told() -> None:
            if as_json:
                print_json_line({"type": "started", "slots": chosen.slots})

        _log_to_stderr()
        commands.worker(chosen, told)


def upgrade(as_json: Json = False) -> None:
    """Bring the database to the schema of this version."""
    require_server("db upgrade")
    from service import commands

    with _refusals_told():
        revision = commands.upgrade(settings())
    if as_json:
        print_json({"revision": revision})
    else:
        typer.echo(f"the database has the schema {revision}")


def openapi(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; stdout if not given.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print the OpenAPI description of the HTTP API.

    That is JSON in any case; with --output, --json says what was written.
    """
    require_server("openapi")
    from service.app import create_app

    with _refusals_told():
        app = create_app(settings())
    document = json.dumps(app.openapi(), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        typer.echo(document, nl=False)
        return
    content = document.encode()
    write(output, content)
    if as_json:
        print_json({"file": str(output), "bytes": len(content)})


def _welcome(url: str) -> str:
    return (
        f"[bold]Trainyard[/bold] is at [bold]{url}[/bold]: the dashboard; {url}/docs is its API.\n"
        f"Train from another terminal:  [bold]{first_training()}[/bold]\n"
        "Ctrl-C stops it; jobs go on when it is started again."
    )


def settings() -> Settings:
    """The settings from the environment; exits with 2 if they make no sense."""
    from pydantic import ValidationError

    from service.http import pointers
    from service.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for wrong in error.errors():
            name = "_".join(str(part) for part in wrong["loc"][:1]).upper()
            typer.echo(f"Error: TRAINYARD_{name}: {pointers.message(wrong)}", err=True)
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
    from service.commands import ListenError, StorageUrlError, UnsafeAddressError
    from service.database.migration import SchemaOutdatedError
    from service.database.sessions import DatabaseFailure

    try:
        yield
    except (
        UnsafeAddressError,
        ListenError,
        SchemaOutdatedError,
        StorageUrlError,
        OSError,
    ) as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(FAILED) from None
    except DatabaseFailure as error:
        typer.echo(f"Error: the database: {getattr(error, 'orig', None) or error}", err=True)
        raise typer.Exit(FAILED) from None
