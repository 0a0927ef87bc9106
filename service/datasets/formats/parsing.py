"""A file of any of the known formats as a frame; which format it is, its content says."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Callable
from typing import BinaryIO

from engine.errors import InvalidData
from service.datasets.formats.columnar import read_arrow, read_arrow_stream, read_parquet
from service.datasets.formats.delimited import read_delimited
from service.datasets.formats.json_rows import read_json, read_json_lines, read_rows
from service.datasets.formats.npz import read_npz
from service.datasets.formats.text import check_text
from service.datasets.frame import DatasetTooLarge, Frame, Limits

__all__ = ["read_rows", "read_upload"]

_Reader = Callable[[BinaryIO, Limits], Frame]

_BINARY: dict[bytes, _Reader] = {
    b"PAR1": read_parquet,
    b"ARROW1": read_arrow,
    b"\xff\xff\xff\xff": read_arrow_stream,
    b"PK\x03\x04": read_npz,
    b"PK\x05\x06": read_npz,
}
_MAX_MAGIC = 8
_NOT_DATA = {
    b"\x93NUMPY": "a single NumPy array, which has no column names. Save it with numpy.savez",
    b"\x1f\x8b": "compressed with gzip. Send it uncompressed",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard. Send it uncompressed",
    b"BZh": "compressed with bzip2. Send it uncompressed",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook. Save it as CSV",
    b"%PDF": "a PDF document. Send the data as CSV",
    b"\x80\x04": "a Python pickle, which is never read. Save the data as CSV or Parquet",
    b"\x80\x05": "a Python pickle, which is never read. Save the data as CSV or Parquet",
}


def read_upload(source: bytes | BinaryIO, limits: Limits | None = None) -> Frame:
    """A frame from CSV, TSV, JSON, JSON Lines, Parquet, Arrow IPC or NPZ.

    Raises InvalidData, which says what to change and, where it can, in which row and column;
    DatasetTooLarge beyond one of the limits.
    """
    limits = limits or Limits()
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    if file.seek(0, os.SEEK_END) > limits.bytes:
        raise DatasetTooLarge(f"The file has more than {limits.bytes:,} bytes, which is the most.")
    file.seek(0)
    beginning = file.read(_MAX_MAGIC)
    for magic, read in _BINARY.items():
        if beginning.startswith(magic):
            return read(file, limits)
    for magic, what in _NOT_DATA.items():
        if beginning.startswith(magic):
            raise InvalidData(f"The file is {what}.")
    return _read_text((beginning + file.read()).removeprefix(codecs.BOM_UTF8), limits)


def _read_text(content: bytes, limits: Limits) -> Frame:
    if not content.strip():
        raise InvalidData("The file is empty.")
    check_text(content)
    beginning = b"".join(content.lstrip()[:4096].split())
    if beginning.startswith((b'{"', b"{}")):
        return read_json_lines(content, limits)
    if beginning.startswith((b"[{", b"[]", b"[[")):
        return read_json(content, limits)
    return read_delimited(content, limits)
