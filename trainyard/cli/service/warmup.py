"""The command that compiles everything beforehand."""

from __future__ import annotations

import sys

import typer

from trainyard.cli.options import Json
from trainyard.cli.output import FAILED, print_json, require_server


def warmup(as_json: Json = False) -> None:
    """Compile every kernel of the engine beforehand.

    No job waits for the compiler then. All cores work at it; what is compiled already stays.
    """
    require_server("warmup")
    from service.worker.warmup import warm

    try:
        result = warm(_tell)
    except OSError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(FAILED) from None
    if as_json:
        print_json(result)
        return
    already = result["kernels"] - result["compiled"]
    typer.echo(
        f"{result['compiled']} kernels compiled in {result['seconds']:.1f} s, "
        f"{already} were there; they are kept in {result['folder']}"
    )


def _tell(done: int, of: int) -> None:
    """One line that is written over on a terminal; elsewhere a line for every tenth."""
    if sys.stderr.isatty():
        typer.echo(f"\rcompiling kernels: {done} of {of}", nl=done == of, err=True)
    elif done == of or done % max(1, of // 10) == 0:
        typer.echo(f"compiling kernels: {done} of {of}", err=True)
