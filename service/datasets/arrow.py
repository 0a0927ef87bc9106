"""Arrow IPC files as they are kept: written by Polars, mapped into memory without it.

A worker should neither read a large file into memory of its own nor wait for it, so columns of
floats are views of the mapped file. Only what ``Frame`` can hold is understood: one record batch,
uncompressed, of integers, floats, booleans and text. The layout is described at
https://arrow.apache.org/docs/format/Columnar.html, its metadata is FlatBuffers.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from engine.table import ColumnKind, Table
from service.datasets.frame import Frame

__all__ = ["frame_to_ipc", "table_from_ipc"]

_INT, _FLOAT, _BOOL, _LARGE_TEXT = 2, 3, 6, 20
"""Type numbers of Arrow's schema."""


def frame_to_ipc(frame: Frame) -> bytes:
    """An Arrow IPC file; equal frames give equal bytes."""
    file = io.BytesIO()
    frame.data.rechunk().write_ipc(
        file,
        compression="uncompressed",
        compat_level=pl.CompatLevel.oldest(),
        record_batch_size=frame.rows,
    )
    return file.getvalue()


def table_from_ipc(file: memoryview, rows: slice = slice(None)) -> Table:
    """Some rows of a file as a table; columns of floats without gaps share the file's memory."""
    footer = _Structure.root(
        file, len(file) - 10 - struct.unpack_from("<i", file, len(file) - 10)[0]
    )
    fields = [_Field.read(field) for field in footer.table(1).tables(1)]
    block = next(footer.structs(3, "<qi4xq"))
    # The message follows the marker 0xFFFFFFFF and its own length, four bytes each.
    batch = _Structure.root(file, block[0] + 8).table(2)
    body = file[block[0] + block[1] :]
    buffers = (body[start : start + size] for start, size in batch.structs(2, "<qq"))
    count = batch.number(0, "<q")
    columns = {field.name: field.column(buffers, count, rows) for field in fields}
    return Table(columns, {field.name: field.kind for field in fields})


@dataclass(frozen=True)
class _Structure:
    """A FlatBuffers table: a position, from which a list of offsets tells where each field is."""

    file: memoryview
    position: int

    @classmethod
    def root(cls, file: memoryview, start: int) -> _Structure:
        return cls(file, start + struct.unpack_from("<I", file, start)[0])

    def table(self, field: int) -> _Structure:
        return _Structure(self.file, self._target(field))

    def tables(self, field: int) -> Iterator[_Structure]:
        start, count = self._vector(field)
        for place in range(start, start + 4 * count, 4):
            yield _Structure(self.file, place + struct.unpack_from("<I", self.file, place)[0])

    def structs(self, field: int, layout: str) -> Iterator[tuple[Any, ...]]:
        start, count = self._vector(field)
        return struct.iter_unpack(
            layout, self.file[start : start + count * struct.calcsize(layout)]
        )

    def text(self, field: int) -> str:
        start, count = self._vector(field)
        return str(self.file[start : start + count], "utf-8")

    def number(self, field: int, layout: str) -> int:
        place = self._place(field)
        return struct.unpack_from(layout, self.file, place)[0] if place else 0

    def _vector(self, field: int) -> tuple[int, int]:
        start = self._target(field)
        return start + 4, struct.unpack_from("<I", self.file, start)[0]

    def _target(self, field: int) -> int:
        place = self._place(field)
        return int(place + struct.unpack_from("<I", self.file, place)[0])

    def _place(self, field: int) -> int:
        """Where the field is; 0 if it has its default."""
        offsets = self.position - struct.unpack_from("<i", self.file, self.position)[0]
        if 4 + 2 * field >= struct.unpack_from("<H", self.file, offsets)[0]:
            return 0
        offset = struct.unpack_from("<H", self.file, offsets + 4 + 2 * field)[0]
        return self.position + offset if offset else 0


@dataclass(frozen=True)
class _Field:
    """One column of the schema: its name, its kind, and how its numbers are laid out."""

    name: str
    kind: ColumnKind
    dtype: np.dtype[Any]

    @classmethod
    def read(cls, field: _Structure) -> _Field:
        name, number = field.text(0), field.number(2, "<B")
        if number == _INT:
            return cls(name, "integer", np.dtype("<i8"))
        if number == _FLOAT:
            is_double = field.table(3).number(0, "<h") == 2
            return cls(name, "float", np.dtype("<f8" if is_double else "<f4"))
        if number == _BOOL:
            return cls(name, "boolean", np.dtype(np.uint8))
        if number == _LARGE_TEXT:
            return cls(name, "string", np.dtype("<i8"))
        raise ValueError(f"Column {name!r} has the Arrow type {number}, which is never written.")

    def column(self, buffers: Iterator[memoryview], count: int, rows: slice) -> NDArray[Any]:
        """Take this column's buffers from the batch and make an array of the given rows."""
        bitmap, values = next(buffers), next(buffers)
        present = _bits(bitmap, count, rows) if len(bitmap) else None
        if self.kind == "string":
            return _texts(
                np.frombuffer(values, self.dtype, count + 1), next(buffers), present, rows
            )
        if self.kind == "boolean":
            numbers: NDArray[Any] = _bits(values, count, rows).astype(np.float64)
        else:
            numbers = np.frombuffer(values, self.dtype, count)[rows]
            numbers = numbers.astype(np.float64) if self.kind == "integer" else numbers
        return numbers if present is None else np.where(present, numbers, numbers.dtype.type("nan"))


def _bits(bitmap: memoryview, count: int, rows: slice) -> NDArray[np.bool_]:
    packed = np.frombuffer(bitmap, np.uint8)
    return np.unpackbits(packed, count=count, bitorder="little").view(np.bool_)[rows]


def _texts(
    offsets: NDArray[np.int64], data: memoryview, present: NDArray[np.bool_] | None, rows: slice
) -> NDArray[Any]:
    """Text as Python strings; equal ones are one object, for columns repeat few categories."""
    known: dict[bytes, str] = {}
    texts = []
    starts, stops = offsets[:-1][rows].tolist(), offsets[1:][rows].tolist()
    for start, stop in zip(starts, stops, strict=True):
        raw = bytes(data[start:stop])
        text = known.get(raw)
        if text is None:
            text = known[raw] = raw.decode()
        texts.append(text)
    column = np.empty(len(texts), object)
    column[:] = texts
    if present is not None:
        column[~present] = None
    return column
