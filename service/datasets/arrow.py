"""Arrow IPC files as they are kept: written by Polars, mapped into memory without it.

A worker should neither read a large file into memory of its own nor wait for it, so columns are
read from the mapped file as they are used (see ``mapped.py``). Only what ``Frame`` can hold is
understood: one record batch, uncompressed, of integers, floats, booleans and text. The layout is
described at https://arrow.apache.org/docs/format/Columnar.html, its metadata is FlatBuffers.
"""

from __future__ import annotations

import io
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from engine.data.table import ColumnKind, Table
from service.datasets.frame import Frame
from service.datasets.mapped import Bits, FileColumn, FileColumns, Numbers, Texts

__all__ = ["frame_to_ipc", "table_from_ipc", "write_ipc"]

_INT, _FLOAT, _BOOL, _LARGE_TEXT = 2, 3, 6, 20
"""Type numbers of Arrow's schema."""


def frame_to_ipc(frame: Frame) -> bytes:
    """An Arrow IPC file; equal frames give equal bytes."""
    file = io.BytesIO()
    write_ipc(frame, file)
    return file.getvalue()


def write_ipc(frame: Frame, file: BinaryIO) -> None:
    """The same, written to a file."""
    frame.data.rechunk().write_ipc(
        file,
        compression="uncompressed",
        compat_level=pl.CompatLevel.oldest(),
        record_batch_size=frame.rows,
    )


def table_from_ipc(file: memoryview, rows: slice = slice(None)) -> Table:
    """Some rows of a file as a table, whose columns are read from the file when they are used.

    Those of floats without gaps share the file's memory. Of a file that is mapped, what was read
    is let go of again: however often one walks over the rows, few of them are in memory.
    """
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
    shown = slice(*rows.indices(count))
    columns = {field.name: field.column(buffers, count, shown) for field in fields}
    mapped = file.obj if isinstance(file.obj, mmap.mmap) else None
    return Table(
        FileColumns(columns, max(0, shown.stop - shown.start), mapped),
        {field.name: field.kind for field in fields},
    )


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

    def column(self, buffers: Iterator[memoryview], count: int, rows: slice) -> FileColumn:
        """Take this column's buffers from the batch, and show the rows of a slice."""
        bitmap, values = next(buffers), next(buffers)
        present = Bits(bitmap, rows.start) if len(bitmap) else None
        if self.kind == "string":
            offsets = np.frombuffer(values, self.dtype, count + 1)
            return Texts(offsets[:-1][rows], offsets[1:][rows], next(buffers), present)
        if self.kind == "boolean":
            return Numbers(Bits(values, rows.start), present)
        return Numbers(np.frombuffer(values, self.dtype, count)[rows], present)
