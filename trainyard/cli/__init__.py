"""The command line. Commands load what they need when they run: ``--help`` comes at once."""

from __future__ import annotations

from typing import Annotated

import typer

from trainyard.cli.commands import SECTIONS, Command
from trainyard.cli.help import Sections, examples


def _group(about: str) -> typer.Typer:
    return typer.Typer(
        cls=Sections,
        help=about,
        no_args_is_help=True,
        rich_markup_mode=None,  # plain help comes in half the time
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


app = _group("Train neural networks as a service: serve, train, watch, predict, look inside.")


def _add_all() -> None:
    for section, entries in SECTIONS.items():
        for entry in entries:
            if isinstance(entry, Command):
                _add(entry, app, section)
                continue
            group = _group(entry.about)
            for command in entry.commands:
                _add(command, group)
            app.add_typer(group, name=entry.name, rich_help_panel=section)


def _add(command: Command, to: typer.Typer, section: str | None = None) -> None:
    about = examples(*command.examples)
    to.command(command.name, epilog=about, rich_help_panel=section)(command.run)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"trainyard {version('trainyard')}")
        raise typer.Exit


@app.callback(epilog="Start with `trainyard demo`, or with `trainyard serve` and its /docs.")
def main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Say which version."
        ),
    ] = False,
) -> None:
    """Train neural networks as a service: serve, train, watch, predict, look inside."""


_add_all()
