"""Files that are given to commands: jobs as YAML or JSON, rows as JSON, JSON Lines or CSV."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

MISSING = frozenset({"", "NA", "N/A", "NaN", "nan", "null", "None"})


def first_training(command: str = "trainyard") -> str:
    """A line for the shell that trains a network, and needs no file: the job is its input."""
    return f"""echo '{{"dataset": "digits"}}' | {command} train -f -"""


def read_job(file: Path) -> dict[str, Any]:
    """A job's specification from YAML, of which JSON is a part."""
    import yaml

    try:
        job = yaml.load(_read_text(file), Loader=_job_loader())  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise typer.BadParameter(f"{file} is not YAML or JSON: {error}") from None
    if not isinstance(job, dict):
        raise typer.BadParameter(f"{file} should hold a mapping: dataset, network, optimizer, ...")
    return job


def _job_loader() -> type[Any]:
    """YAML 1.1 takes 1e-4 for text, because it has no dot; people who write it mean a number."""
    import yaml

    class Loader(yaml.SafeLoader):
        """SafeLoader that reads every decimal form of JSON as a number."""

    Loader.add_implicit_resolver(
        "tag:yaml.org,2002:float",
        re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"),
        list("-+0123456789"),
    )
    return Loader


def read_rows(file: Path, kinds: Mapping[str, str]) -> list[Any]:
    """Rows to predict: a JSON list, JSON Lines, or a CSV with a header. ``-`` is stdin.

    ``kinds`` says what the cells of a CSV mean, by column: integer, float, boolean or string.
    """
    try:
        return parse_rows(_read_text(file), kinds)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"{file} is not valid JSON: {error}") from None
    except ValueError as error:
        raise typer.BadParameter(f"{file}: {error}") from None


def parse_rows(text: str, kinds: Mapping[str, str]) -> list[Any]:
    """Rows from text, as :func:`read_rows`. Raises ValueError for what is none of the three."""
    text = text.lstrip("\ufeff")
    start = text.lstrip()[:1]
    if start == "[":
        return _json_rows(json.loads(text))
    if start == "{":
        return _json_rows(_json_objects(text))
    return _csv_rows(text, kinds)


def _json_objects(text: str) -> list[Any]:
    """One object, ``{"records": [...]}`` as the API takes it, or one object per line."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    for name in ("records", "rows"):
        if isinstance(document.get(name), list):
            return list(document[name])
    return [document]


def _json_rows(rows: list[Any]) -> list[Any]:
    if not rows:
        raise ValueError("there are no rows in it")
    return rows if isinstance(rows[0], dict | list) else [rows]


def _csv_rows(text: str, kinds: Mapping[str, str]) -> list[dict[str, Any]]:
    try:
        rows = list(csv.DictReader(io.StringIO(text), restkey="", strict=True))
    except csv.Error as error:
        raise ValueError(f"it is not valid CSV: {error}") from None
    if not rows:
        raise ValueError("it needs a header and at least one row")
    for number, row in enumerate(rows, start=1):
        if "" in row or None in row.values():
            raise ValueError(f"row {number} has not as many cells as the header")
    return [
        {name: _cell(value, kinds.get(name, "string")) for name, value in row.items()}
        for row in rows
    ]


def _cell(text: str, kind: str) -> str | float | bool | None:
    """What a CSV cell says. Text where a number was expected stays, for the service to point at."""
    text = text.strip()
    if text in MISSING:
        return None
    if kind == "boolean" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind in {"integer", "float"}:
        return _number(text)
    return text


def _number(text: str) -> float | str:
    try:
        number = float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text


def _read_text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot read {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise typer.BadParameter(f"{file} is not UTF-8 text") from None
