"""Identifiers that say what they name and sort by the time they were made."""

from __future__ import annotations

from typing import Literal

from ulid import ULID

Prefix = Literal["ds", "job", "mdl"]


def new_identifier(prefix: Prefix) -> str:
    """`prefix` + `_` + a ULID, growing within this process: `job_01JD0A3C6V…`."""
    return f"{prefix}_{ULID()}"
