"""docs/configuration.md lists every setting as the code declares it."""

from typing import Any

from pydantic.fields import FieldInfo

from service.settings import Settings
from tests.architecture.repository import read

# Defaults that depend on the machine.
WORDS = {
    "data_dir": "`trainyard` in the user's data directory",
    "slots": "the cores of the machine",
}


def default(name: str, field: FieldInfo) -> str:
    if name in WORDS:
        return WORDS[name]
    value: Any = field.default
    return f"`{value}`" if value not in ("", ()) else "none"


def row(name: str, field: FieldInfo) -> str:
    help_text = " ".join((field.description or "").split())
    return f"| `TRAINYARD_{name.upper()}` | {default(name, field)} | {help_text} |"


def test_every_setting_is_listed() -> None:
    expected = [row(name, field) for name, field in Settings.model_fields.items()]
    page = read("docs/configuration.md")
    listed = [line for line in page.splitlines() if line.startswith("| `TRAINYARD_")]
    assert listed == expected, "the table should read:\n" + "\n".join(expected)
