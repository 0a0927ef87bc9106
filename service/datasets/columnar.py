"""Parquet and Arrow IPC, read by Polars."""

from __future__ import annotations

import io
from collections.abc import Callable

import polars as pl
from polars.exceptions import PanicException, PolarsError

from engine.errors import InvalidData
from service.datasets.frame import Frame, Limits, as_frame, check_size

__all__ = ["read_arrow", "read_arrow_stream", "read_parquet"]


def read_parquet(content: bytes, limits: Limits) -> Frame:
    """A frame from a Parquet file; its shape is checked before its values are read."""

    def read() -> pl.DataFrame:
        lazy = pl.scan_parquet(io.BytesIO(content))
        width = lazy.collect_schema().len()
        rows = lazy.select(pl.len()).collect().item()
        check_size(rows, width, limits)
        return pl.read_parquet(io.BytesIO(content))

    return as_frame(_guarded(read, "Parquet"), limits, source="parquet")


def read_arrow(content: bytes, limits: Limits) -> Frame:
    """A frame from an Arrow IPC file."""
    return as_frame(_guarded(lambda: pl.read_ipc(content), "Arrow"), limits, source="arrow")


def read_arrow_stream(content: bytes, limits: Limits) -> Frame:
    """A frame from an Arrow IPC stream."""
    return as_frame(_guarded(lambda: pl.read_ipc_stream(content), "Arrow"), limits, source="arrow")


def _guarded(read: Callable[[], pl.DataFrame], name: str) -> pl.DataFrame:
    """Damaged files are the sender's error, however the reader takes them."""
    try:
        return read()
    except (PolarsError, PanicException, OSError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0][:200]
        raise InvalidData(f"The {name} file cannot be read: {reason}.") from None
