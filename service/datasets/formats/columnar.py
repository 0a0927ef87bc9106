"""Parquet and Arrow IPC, read by Polars in a process that a damaged file may end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

import polars as pl

from engine.errors import InvalidData
from service.datasets.frame import Frame, Limits, as_frame, check_size

__all__ = ["read_arrow", "read_arrow_stream", "read_parquet"]

_READER = Path(__file__).with_name("columnar_reader.py")
_SECONDS = 120
_WRONG_SHAPE, _UNREADABLE = 3, 4
"""Exit statuses of the reader."""


def read_parquet(file: BinaryIO, limits: Limits) -> Frame:
    """A frame from a Parquet file; its shape is checked before its values are read."""
    return as_frame(_read(file, "parquet", limits), limits, source="parquet")


def read_arrow(file: BinaryIO, limits: Limits) -> Frame:
    """A frame from an Arrow IPC file."""
    return as_frame(_read(file, "arrow", limits), limits, source="arrow")


def read_arrow_stream(file: BinaryIO, limits: Limits) -> Frame:
    """A frame from an Arrow IPC stream."""
    return as_frame(_read(file, "arrow_stream", limits), limits, source="arrow")


def _read(
    file: BinaryIO, name: Literal["parquet", "arrow", "arrow_stream"], limits: Limits
) -> list[pl.Series]:
    """The columns; both the file and the answer of its reader lie on the disk, not in memory."""
    sizes = map(str, (limits.rows, limits.columns, 2 * limits.decoded_bytes))
    with _on_disk(file) as source, tempfile.TemporaryFile() as answer:
        try:
            reader = subprocess.run(  # noqa: S603 - our own script; the file is its input
                # -P: the reader's folder holds modules named like those of the standard library.
                [sys.executable, "-P", str(_READER), name, *sizes],
                stdin=source,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                check=False,
                env={**os.environ, "POLARS_MAX_THREADS": "2"},
            )
        except subprocess.TimeoutExpired:
            raise _unreadable(name, f"it takes longer than {_SECONDS} seconds") from None
        answer.seek(0)
        if reader.returncode == _WRONG_SHAPE:
            rows, columns = map(int, answer.read().split())
            check_size(rows, columns, limits)
        if reader.returncode == _UNREADABLE:
            raise _unreadable(name, answer.read().decode(errors="replace"))
        if reader.returncode != 0:
            raise _unreadable(name, "it is damaged, or needs too much memory")
        return pl.read_ipc_stream(answer).get_columns()


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[BinaryIO]:
    """The same file, or a copy of one that is in memory only."""
    try:
        file.fileno()
    except OSError:
        with tempfile.TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield copy
    else:
        file.flush()
        yield file


def _unreadable(name: str, reason: str) -> InvalidData:
    return InvalidData(f"The {name.partition('_')[0].title()} file cannot be read: {reason}.")
