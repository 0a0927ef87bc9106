"""What the command line prints: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted. Colours are left out where
``NO_COLOR`` is set or the output is no terminal (rich sees to both).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from trainyard.client import Client

FAILED = 1
USAGE = 2
INTERRUPTED = 130
PIPE_WIDTH = 1000
"""Columns of what is no terminal: nothing is cut or wrapped on its way into a file."""


def require_server(command: str) -> None:
    """End with a clear error and exit code 1 if ``command`` cannot load the service here."""
    from trainyard import extras

    try:
        extras.require_server(f"`trainyard {command}`")
    except ImportError as error:
        typer.echo(f"Error: {error}", err=True)
        raise typer.Exit(FAILED) from None


def results() -> Console:
    """Where a result goes."""
    from rich.console import Console

    return Console(highlight=False, width=_width(sys.stdout))


def notes() -> Console:
    """Where progress, hints and errors go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, width=_width(sys.stderr))


def _width(stream: TextIO) -> int | None:
    """``None`` lets rich measure the terminal, or take COLUMNS."""
    return None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH


def print_json(document: object) -> None:
    """A result for machines: JSON, and only JSON, on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_json_line(document: object) -> None:
    """One of several results that come one after another: a line of JSON, at once."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    sys.stdout.flush()


@contextmanager
def connected(url: str | None, *, as_json: bool = False) -> Iterator[Client]:
    """A client for the service; what fails in the block is told as :func:`failures_told` does.

    It gives up sooner than others: somebody waits for the answer, and can type it again.
    """
    from trainyard.client import Client
    from trainyard.protocol.retry import RetryPolicy

    with (
        failures_told(as_json=as_json),
        Client(url, retries=RetryPolicy(attempts=3, first=0.1)) as client,
    ):
        yield client


@contextmanager
def failures_told(*, as_json: bool = False) -> Iterator[None]:
    """Tell an expected failure in words (or as JSON) on stderr and exit with 1."""
    from trainyard.errors import TrainyardError

    try:
        yield
    except TrainyardError as error:
        if as_json:
            sys.stderr.write(json.dumps(_document(error), ensure_ascii=False) + "\n")
        else:
            _tell(error)
        raise typer.Exit(FAILED) from None


def _tell(error: Exception) -> None:
    """The error, and what to do about it where that is known."""
    from rich.markup import escape

    notes().print(f"[red]Error:[/red] {escape(str(error))}", soft_wrap=True)
    if hint := _hint(error):
        notes().print(hint, soft_wrap=True)


def _hint(error: Exception) -> str:
    from trainyard.errors import ConnectionFailed, TimedOut, Unauthorized

    if isinstance(error, ConnectionFailed) and not isinstance(error, TimedOut):
        return (
            "Is a service running there? Start one with [bold]trainyard serve[/bold], or say where "
            "it is with --url or TRAINYARD_URL."
        )
    if isinstance(error, Unauthorized):
        return (
            "Set TRAINYARD_API_KEY to a key of the service; [bold]trainyard keys check[/bold] tells"
            " whether it is one."
        )
    return ""


def _document(error: Exception) -> dict[str, Any]:
    from trainyard.errors import APIError

    if isinstance(error, APIError):
        return {"error": type(error).__name__, **error.problem}
    return {"error": type(error).__name__, "detail": str(error)}


def number(value: float | None) -> str:
    """Four digits that count; what JSON cannot hold is said in words."""
    return "not finite" if value is None else f"{value:.4g}"


def bar(value: float, longest: float, width: int = 30) -> str:
    """A bar of blocks, of ``width`` where the value is the ``longest``."""
    return "█" * round(width * max(0.0, value) / longest) if longest > 0 else ""


def sparkline(values: Sequence[float]) -> str:
    """A character a value, from the lowest (0) to the highest of them."""
    most = max(values, default=0)
    return "".join("▁▂▃▄▅▆▇█"[round(7 * value / most)] if most else "▁" for value in values)


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    if moment is None:
        return ""
    seconds = max(0.0, (now - moment).total_seconds())
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"


def size(number_of_bytes: int | None) -> str:
    """Bytes in a unit that leaves at most four digits."""
    if number_of_bytes is None:
        return ""
    if number_of_bytes < 1024:
        return f"{number_of_bytes} B"
    shown = float(number_of_bytes)
    for unit in ("KiB", "MiB"):
        shown /= 1024
        if shown < 1024:
            return f"{shown:.1f} {unit}"
    return f"{shown / 1024:.1f} GiB"


def write(file: Path, content: bytes) -> None:
    """Write a file that --output names."""
    with writing(file, "--output"):
        file.write_bytes(content)


@contextmanager
def writing(file: Path, option: str) -> Iterator[None]:
    """It is wrong usage to name a file that cannot be written, by the option that names it."""
    try:
        yield
    except OSError as error:
        message = f"cannot write {file}: {error.strerror}"
        raise typer.BadParameter(message, param_hint=option) from None


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something is gone, unless ``--yes`` says so already; nobody is asked in a pipe."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise typer.BadParameter("no terminal to confirm on: pass --yes", param_hint="--yes")
    if not typer.confirm(question, err=True):
        raise typer.Exit(FAILED)
