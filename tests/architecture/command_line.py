"""Reads a command line as the real program would, without running it."""

from collections.abc import Sequence
from typing import Any

import click
import typer.main

from trainyard.cli import app


def parse(arguments: Sequence[str]) -> dict[str, Any]:
    """The parameters `trainyard <arguments>` is called with; UsageError where it would refuse."""
    command: click.Command = typer.main.get_command(app)
    context = command.make_context("trainyard", list(arguments))
    while isinstance(command, click.Group):
        name, found, rest = command.resolve_command(context, context.args)
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)
    return context.params
