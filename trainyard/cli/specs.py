"""Specs as words of a command line: ``adam``, ``sgd:learning_rate=0.1,momentum=0.9``."""

from __future__ import annotations

import json
from typing import Any

import typer


def parse_spec(text: str, option: str) -> str | dict[str, Any]:
    """``adam``, or ``sgd:learning_rate=0.1,momentum=0.9`` as a mapping."""
    kind, _, settings = text.partition(":")
    if not settings:
        return kind
    spec: dict[str, Any] = {"kind": kind}
    for setting in settings.split(","):
        name, equals, value = setting.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"{setting!r} should read name=value", param_hint=option)
        spec[name.strip()] = _value(value.strip())
    return spec


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
