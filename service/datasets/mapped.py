"""Columns of a stored file, read when they are used: in parts, and without keeping what was read.

Pages of a mapped file count as memory of whoever reads them, until the system needs them for
something else. A training process walks over a file a few times, and then has its rows as a
matrix: it would seem to need twice the memory. So pages are let go of when some megabytes of them
have been read; the file stays in the system's cache, and can be read again as fast.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Columns, Portion

__all__ = ["Bits", "FileColumn", "FileColumns", "Numbers", "Texts"]

RESIDENT_BYTES = 4 << 20
"""What may be read before it is let go of."""
_NEIGHBOURHOOD = 1 << 16
"""Linux maps so much around each place that is read."""


class FileColumn(Protocol):
    """Gives rows of one column as the engine has them."""

    row_bytes: int
    """How many bytes of the file a row takes."""

    def __getitem__(self, rows: Portion) -> NDArray[Any]: ...


class FileColumns(Columns):
    """Columns of one file; ``mapped`` is the mapping that they are in, if there is one."""

    def __init__(
        self, columns: dict[str, FileColumn], rows: int, mapped: mmap.mmap | None = None
    ) -> None:
        self._columns, self._rows = columns, rows
        self._mapped = mapped if hasattr(mmap, "MADV_DONTNEED") else None
        self._read = 0

    @property
    def rows(self) -> int:
        return self._rows

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.part(name, slice(0, self._rows))

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def part(self, name: str, rows: Portion) -> NDArray[Any]:
        column = self._columns[name]
        if self._mapped is not None:
            self._let_go(self._mapped)
            self._read += _extent(rows, column.row_bytes)
        return column[rows]

    def _let_go(self, mapped: mmap.mmap) -> None:
        """Once enough was read; arrays that share the file's memory stay valid."""
        if self._read > RESIDENT_BYTES:
            mapped.madvise(mmap.MADV_DONTNEED)
            self._read = 0


def _extent(rows: Portion, row_bytes: int) -> int:
    """About how many bytes of the file come into memory with some rows."""
    if isinstance(rows, slice):
        return int(rows.stop - rows.start) * row_bytes
    if len(rows) == 0:
        return 0
    span = int(rows.max()) - int(rows.min()) + 1
    return min(span * row_bytes, len(rows) * _NEIGHBOURHOOD)


class Bits:
    """Truth values, eight in a byte: those of some rows (``first`` to ``stop``) of a file."""

    row_bytes = 1

    def __init__(self, packed: memoryview, first: int) -> None:
        self._packed, self._first = np.frombuffer(packed, np.uint8), first

    def __getitem__(self, rows: Portion) -> NDArray[np.bool_]:
        if isinstance(rows, slice):
            start, stop = self._first + rows.start, self._first + rows.stop
            bits = np.unpackbits(self._packed[start // 8 : (stop + 7) // 8], bitorder="little")
            return bits[start % 8 : start % 8 + stop - start].view(np.bool_)
        places = rows.astype(np.int64) + self._first
        return np.asarray(self._packed[places >> 3] >> (places & 7) & 1, np.bool_)


class Numbers:
    """Floats as they are; integers and truth values in double precision; missing ones as NaN."""

    def __init__(self, values: NDArray[Any] | Bits, present: Bits | None) -> None:
        self._values, self._present = values, present
        self.row_bytes = values.itemsize if isinstance(values, np.ndarray) else 1

    def __getitem__(self, rows: Portion) -> NDArray[Any]:
        numbers: NDArray[Any] = self._values[rows]
        if numbers.dtype.kind != "f":
            numbers = numbers.astype(np.float64)
        if self._present is None:
            return numbers
        return np.where(self._present[rows], numbers, numbers.dtype.type("nan"))


class Texts:
    """Text as Python strings, made once; equal ones are one object, as columns repeat few."""

    row_bytes = 8

    def __init__(
        self,
        starts: NDArray[np.int64],
        stops: NDArray[np.int64],
        data: memoryview,
        present: Bits | None,
    ) -> None:
        self._starts, self._stops, self._data, self._present = starts, stops, data, present

    def __getitem__(self, rows: Portion) -> NDArray[Any]:
        return self._texts[rows]

    @cached_property
    def _texts(self) -> NDArray[Any]:
        known: dict[bytes, str] = {}
        texts = np.empty(len(self._starts), object)
        for place, (start, stop) in enumerate(zip(self._starts, self._stops, strict=True)):
            raw = bytes(self._data[start:stop])
            text = known.get(raw)
            if text is None:
                text = known[raw] = raw.decode()
            texts[place] = text
        if self._present is not None:
            texts[~self._present[slice(0, len(texts))]] = None
        return texts
