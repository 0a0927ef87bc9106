"""What every page of the reference is written with."""

import re

__all__ = ["GENERATED", "as_markdown", "cell", "table"]

GENERATED = "<!-- Written by `make reference` from the code. Edit the docstrings there. -->\n\n"


def table(*headings: str, rows: list[str]) -> str:
    """Rows that are written already, below their headings."""
    head = f"| {' | '.join(headings)} |\n|{' --- |' * len(headings)}\n"
    return head + "".join(f"{row}\n" for row in rows)


def cell(text: str) -> str:
    """A docstring in one line of a table."""
    return text.replace("``", "`").replace("|", "\\|").replace("\n", " ")


def as_markdown(text: str) -> str:
    """A docstring (reStructuredText, as far as ours go) as Markdown: literal blocks are fenced."""
    blocks: list[str] = []
    for block in re.split(r"\n{2,}", text):
        if block.startswith("    ") and blocks:
            body = "\n".join(line.removeprefix("    ") for line in block.splitlines())
            if blocks[-1].endswith("```"):
                blocks[-1] = f"{blocks[-1].removesuffix('```')}\n{body}\n```"
            else:
                blocks.append(f"```text\n{body}\n```")
        else:
            blocks.append(block.replace("``", "`"))
    return "\n\n".join(re.sub(r"::$", ":", block) for block in blocks)
