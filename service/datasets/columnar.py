"""Parquet and Arrow IPC, read by Polars in a process that a damaged file may end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Literal

import polars as pl

from engine.errors import InvalidData
from service.datasets.frame import Frame, Limits, as_frame, check_size

__all__ = ["read_arrow", "read_arrow_stream", "read_parquet"]

_READER = Path(__file__).with_name("columnar_reader.py")
_SECONDS = 120
_WRONG_SHAPE, _UNREADABLE = 3, 4
"""Exit statuses of the reader."""


def read_parquet(content: bytes, limits: Limits) -> Frame:
    """A frame from a Parquet file; its shape is checked before its values are read."""
    return as_frame(_read(content, "parquet", limits), limits, source="parquet")


def read_arrow(content: bytes, limits: Limits) -> Frame:
    """A frame from an Arrow IPC file."""
    return as_frame(_read(content, "arrow", limits), limits, source="arrow")


def read_arrow_stream(content: bytes, limits: Limits) -> Frame:
    """A frame from an Arrow IPC stream."""
    return as_frame(_read(content, "arrow_stream", limits), limits, source="arrow")


def _read(
    content: bytes, name: Literal["parquet", "arrow", "arrow_stream"], limits: Limits
) -> list[pl.Series]:
    sizes = map(str, (limits.rows, limits.columns, 2 * limits.decoded_bytes))
    try:
        reader = subprocess.run(  # noqa: S603 - our own script; the file is its input
            # -P: the reader's folder holds modules named like those of the standard library.
            [sys.executable, "-P", str(_READER), name, *sizes],
            input=content,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env={**os.environ, "POLARS_MAX_THREADS": "2"},
        )
    except subprocess.TimeoutExpired:
        raise _unreadable(name, f"it takes longer than {_SECONDS} seconds") from None
    if reader.returncode == _WRONG_SHAPE:
        rows, columns = map(int, reader.stdout.split())
        check_size(rows, columns, limits)
    if reader.returncode == _UNREADABLE:
        raise _unreadable(name, reader.stdout.decode(errors="replace"))
    if reader.returncode != 0:
        raise _unreadable(name, "it is damaged, or needs too much memory")
    return pl.read_ipc_stream(reader.stdout).get_columns()


def _unreadable(name: str, reason: str) -> InvalidData:
    return InvalidData(f"The {name.partition('_')[0].title()} file cannot be read: {reason}.")
