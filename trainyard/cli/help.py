"""How the help of the command line reads: commands under headings, examples as they are."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup


class Sections(TyperGroup):
    """A group whose help lists its commands under the headings that they were added with."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as its base has it
        """Write the headings in the order of their first commands, names in one column."""
        shown = {name: command for name, command in self.commands.items() if not command.hidden}
        widest = max(map(len, shown), default=0)
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in shown.items():
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            told = command.get_short_help_str(formatter.width - widest - 6)
            sections.setdefault(heading, []).append((name.ljust(widest), told))
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def examples(*lines: str) -> str:
    """An epilogue of lines that are kept as they are (which is what a backspace asks for)."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
