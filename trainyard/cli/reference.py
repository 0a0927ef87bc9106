"""Writes the page about the command line from the commands themselves.

``python -m trainyard.cli.reference docs/cli.md`` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import typer.main

from trainyard.cli import app

__all__ = ["commands", "page"]

HEAD = """\
<!-- Written by `make reference` from the commands. Edit their docstrings and options. -->

# The command line

`trainyard` does from a terminal what the [API](api.md) does over HTTP. `trainyard COMMAND --help`
says what is said here.

- **Which service.** `--url` or `TRAINYARD_URL`; the key is read from `TRAINYARD_API_KEY`.
  `trainyard keys check` tells whether it is taken, `trainyard config show` what is set.
- **Which job.** A JOB is an id, the end of one (four characters or more), or `last`, the newest. A
  MODEL is its id, or the job that made it.
- **For programs.** With `--json` a result is one JSON document on standard output, or a line of
  JSON for each thing that happens where a command goes on. Progress, hints and errors go to
  standard error; with `--json` errors of the service are JSON too.
- **Exit codes.** 0: done. 1: it failed, or the job did. 2: wrong usage. 130: ended by Ctrl-C, which
  ends the watching but not the job.
- **Colours** are left out where `NO_COLOR` is set or the output is no terminal. Into a pipe,
  nothing is cut or wrapped.
- **Completion.** `trainyard --install-completion` teaches the shell commands, options, ids of jobs,
  models and datasets, and kinds of the catalogue.
"""


def page() -> str:
    """The whole page: an overview, then every command."""
    parts = [HEAD, *_overview(), *(_section(path, each) for path, each in commands().items())]
    return "\n".join(parts)


def commands() -> dict[str, Any]:
    """Every command that does something, by the words that call it."""
    return dict(_walked(typer.main.get_command(app), ""))


def _walked(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, each in command.commands.items():
        yield from _walked(each, f"{path} {name}".strip())


def _overview() -> Iterator[str]:
    """A table for each heading of the help."""
    sections: dict[str, list[str]] = {}
    root: Any = typer.main.get_command(app)
    for path, command in commands().items():
        heading = root.commands[path.split()[0]].rich_help_panel
        row = f"| [`{path}`](#{_anchor(path)}) | {command.get_short_help_str(200)} |\n"
        sections.setdefault(heading, []).append(row)
    for heading, rows in sections.items():
        yield f"| {heading.lower()} | |\n| --- | --- |\n{''.join(rows)}"


def _anchor(path: str) -> str:
    return path.replace(" ", "-")


def _section(path: str, command: Any) -> str:
    context = command.make_context(path, [], resilient_parsing=True)
    usage = " ".join(["trainyard", path, *command.collect_usage_pieces(context)])
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{_cell(names)}` | {_cell(told)} |\n" for names, told in filter(None, records)]
    options = f"| argument or option | what it does |\n| --- | --- |\n{''.join(rows)}"
    return "\n".join(
        [f"## {path}\n", f"{cleandoc(command.help)}\n", _fenced(usage), options, _examples(command)]
    )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _examples(command: Any) -> str:
    """What the help shows as examples, without their heading."""
    return _fenced("\n".join(line.strip() for line in command.epilog.splitlines()[2:]))


def _fenced(text: str) -> str:
    return f"```sh\n{text}\n```\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
