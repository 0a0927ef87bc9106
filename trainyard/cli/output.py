"""What the command line prints: results on stdout, everything else on stderr.

Exit codes: 0 done, 1 failed, 2 wrong usage. Colours are left out where ``NO_COLOR`` is set or the
output is no terminal (rich sees to both).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def results() -> Console:
    """Where a result goes."""
    from rich.console import Console

    return Console(highlight=False)


def notes() -> Console:
    """Where progress, hints and errors go."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_json(document: object) -> None:
    """A result for machines: JSON, and only JSON, on stdout."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


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
            notes().print(f"[red]Error:[/red] {_escaped(error)}", soft_wrap=True)
            _hint(error)
        raise typer.Exit(FAILED) from None


def _escaped(error: Exception) -> str:
    from rich.markup import escape

    return escape(str(error))


def _hint(error: Exception) -> None:
    from trainyard.errors import ConnectionFailed, Unauthorized

    if isinstance(error, ConnectionFailed):
        notes().print(
            "Is it running? Start it with [bold]trainyard serve[/bold], or set TRAINYARD_URL."
        )
    elif isinstance(error, Unauthorized):
        notes().print("Set TRAINYARD_API_KEY to a key of the service.")


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
