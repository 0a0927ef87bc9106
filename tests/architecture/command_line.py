"""Reads a command line as the real program would, without running it."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import typer.core
import typer.main

from trainyard.cli import app


def parse(arguments: Sequence[str]) -> dict[str, Any]:
    """The parameters `trainyard <arguments>` is called with; UsageError where it would refuse."""
    command = _program()
    words = list(arguments)
    while isinstance(command, typer.core.TyperGroup):
        command = command.commands[words.pop(0)]
    params: dict[str, Any] = command.make_context("trainyard", words).params
    return params


@cache
def _program() -> Any:
    return typer.main.get_command(app)
