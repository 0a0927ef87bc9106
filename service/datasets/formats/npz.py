"""NumPy archives, read without NumPy's own loader.

Nothing is unpickled, and nothing is allocated on the word of a header.

An array of one dimension is a column of its name; one of more is a column for each of its other
places: ``x`` of shape (rows, 3) gives ``x_0``, ``x_1``, ``x_2``. One of three or four is of images.
"""

from __future__ import annotations

import io
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import prod
from typing import Any, BinaryIO

import numpy as np
import polars as pl
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.augmentation import ImageSize
from engine.errors import InvalidData
from service.datasets.frame import DatasetTooLarge, Frame, Limits, as_frame, check_size

__all__ = ["read_npz"]


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
)
"""What the zip reader raises for damaged, encrypted or unknown archives."""


_BAD_HEADER = (
    ValueError,
    TypeError,
    SyntaxError,
    tokenize.TokenError,
    RecursionError,
    MemoryError,
)
"""What NumPy raises for a header that is no dictionary of type, order and shape."""


def read_npz(file: BinaryIO, limits: Limits) -> Frame:
    """A frame from an archive of arrays of numbers, booleans or text with equally many rows.

    Raises InvalidData for anything else in it, and DatasetTooLarge for an archive that would
    unpack to more than the limit.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            _check_archive(archive, limits)
            arrays = {
                member.filename.removesuffix(".npy"): _array(member.filename, archive.read(member))
                for member in archive.infolist()
            }
    except _DAMAGE as error:
        raise InvalidData(f"The NPZ archive cannot be read: {error}.") from None
    _check_rows(arrays)
    width = sum(prod(array.shape[1:]) for array in arrays.values())
    check_size(len(next(iter(arrays.values()), ())), width, limits)
    image = _image(arrays)
    columns: list[pl.Series] = []
    for name in list(arrays):  # none is kept longer than it takes to make its columns
        columns.extend(_columns(name, arrays.pop(name)))
    frame = as_frame(columns, limits, source="npz")
    return replace(frame, image=image)


def _image(arrays: dict[str, NDArray[Any]]) -> ImageSize | None:
    """Of (rows, height, width) or (rows, height, width, channels), if one array is like that."""
    shapes = [array.shape[1:] for array in arrays.values() if array.ndim in {3, 4}]
    if len(shapes) != 1:
        return None
    height, width, *channels = shapes[0]
    return ImageSize(width, height, *channels)


def _check_archive(archive: zipfile.ZipFile, limits: Limits) -> None:
    """By what the archive says of itself; the zip reader then holds it to its word."""
    members = archive.infolist()
    strangers = [member.filename for member in members if not member.filename.endswith(".npy")]
    if strangers:
        raise InvalidData(
            f"The file is a zip archive with {strangers[0]!r}, not an NPZ archive of arrays. "
            "Save spreadsheets as CSV; do not zip other files."
        )
    check_size(1, len(members), limits)
    unpacked = sum(member.file_size for member in members)
    if unpacked > limits.decoded_bytes:
        raise DatasetTooLarge(
            f"The archive unpacks to {unpacked:,} bytes; {limits.decoded_bytes:,} is the most."
        )


def _array(name: str, content: bytes) -> NDArray[Any]:
    """One member, checked against its own header before it is interpreted."""
    file = io.BytesIO(content)
    try:
        version = npy.read_magic(file)
        if version == (1, 0):
            shape, is_fortran, dtype = npy.read_array_header_1_0(file)
        else:
            shape, is_fortran, dtype = npy.read_array_header_2_0(file)
    except _BAD_HEADER as error:
        raise InvalidData(f"The array {name!r} has no valid header: {error}.") from None
    if dtype.kind not in "biufU":
        raise InvalidData(
            f"The array {name!r} is of type {dtype}; only numbers, booleans and text can be used."
        )
    body = memoryview(content)[file.tell() :]
    if len(shape) == 0:
        raise InvalidData(f"The array {name!r} is a single value, without rows.")
    if len(body) != prod(shape) * dtype.itemsize:
        raise InvalidData(f"The array {name!r} does not have the {shape} values that it promises.")
    if dtype.itemsize == 0:
        return np.full(shape, "")
    return np.frombuffer(body, dtype).reshape(shape, order="F" if is_fortran else "C")


def _check_rows(arrays: dict[str, NDArray[Any]]) -> None:
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {length}" for name, length in list(lengths.items())[:10])
        raise InvalidData(f"The arrays differ in their number of rows: {found}.")


def _columns(name: str, array: NDArray[Any]) -> Iterator[pl.Series]:
    flat = array.reshape(len(array), -1)
    for place, index in enumerate(product(*map(range, array.shape[1:]))):
        column = "_".join([name, *map(str, index)])
        yield pl.Series(column, _native(flat[:, place]))


def _native(values: NDArray[Any]) -> NDArray[Any] | list[Any]:
    """Types that Polars knows: this machine's byte order, no half or extended precision."""
    if values.dtype.kind == "U":
        return list(values.tolist())
    if values.dtype.kind == "f":
        wide = np.float32 if values.dtype.itemsize <= 4 else np.float64
        return np.ascontiguousarray(values, wide)
    return np.ascontiguousarray(values, values.dtype.newbyteorder("="))
