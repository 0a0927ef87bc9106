"""Where data sets lie: under a URL, each at the address that its content gives it.

A local folder by default, anything that fsspec knows (``s3://…``, ``memory://…``) by its URL. A
file is complete the moment it has its name: it is written under another one and renamed.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import fsspec
import fsspec.core
from fsspec.implementations.local import LocalFileSystem

from engine.data.table import Table
from service.datasets.arrow import table_from_ipc, write_ipc
from service.datasets.frame import Frame

__all__ = [
    "DatasetNotStoredError",
    "Storage",
    "StorageFailedError",
    "StorageUrlError",
    "load_table",
]

_SHA256 = re.compile(r"[0-9a-f]{64}")


class DatasetNotStoredError(LookupError):
    """No data set lies at this address: it was deleted, or the storage URL is another one."""


class StorageFailedError(Exception):
    """What should be kept cannot be: the disk is full, or the storage is away or read-only."""


class StorageUrlError(ValueError):
    """The storage URL names a protocol that is unknown, or whose package is not installed."""


class Storage:
    """Immutable data sets by the SHA-256 of their bytes; equal content is kept once.

    ``url`` is a folder, or a URL that fsspec understands. Nothing is made before the first write,
    and an instance holds no open files: every process makes its own from the URL. Raises
    StorageUrlError.
    """

    def __init__(self, url: str | Path) -> None:
        self.url = str(url)
        try:
            self._files, self._root = fsspec.core.url_to_fs(self.url)
        except (ValueError, ImportError) as error:
            raise StorageUrlError(f"the storage URL cannot be used: {error}") from error
        self._is_local = isinstance(self._files, LocalFileSystem)

    def put(self, frame: Frame) -> str:
        """Keep a frame; the answer is its key, 64 hexadecimal digits. Raises StorageFailedError."""
        try:
            with self._draft() as file:
                write_ipc(frame, file)
                file.flush()
                key = _digest(file)
                if not self.contains(key):
                    self._keep(file, self._path(key))
        except OSError as error:
            raise StorageFailedError(f"The data set cannot be kept: {error}.") from error
        return key

    def table(self, key: str, rows: slice = slice(None)) -> Table:
        """All rows of a data set, or some, mapped rather than read where that can be.

        Raises DatasetNotStoredError.
        """
        try:
            with self._open(key) as file:
                # The mapping outlives the file, and lives as long as a column refers to it.
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except FileNotFoundError:
            raise DatasetNotStoredError(f"No data set is stored at {key}.") from None
        return table_from_ipc(memoryview(mapped), rows)

    def contains(self, key: str) -> bool:
        return bool(self._files.exists(self._path(key)))

    def size(self, key: str) -> int:
        """Bytes of a stored data set."""
        return int(self._files.size(self._path(key)))

    def delete(self, key: str) -> None:
        """Remove a data set, if it is there; processes that have mapped it keep their view.

        Equal uploads share one file: call this only when no record refers to the key any more.
        """
        self._remove(self._path(key))

    def _path(self, key: str) -> str:
        if not _SHA256.fullmatch(key):
            raise ValueError(f"{key!r} is not the key of a data set.")
        return f"{self._root}/{key[:2]}/{key}.arrow"

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._files.rm_file(path)

    @contextmanager
    def _draft(self) -> Iterator[BufferedRandom]:
        """A file to write to, which vanishes afterwards: beside those that are kept, if local."""
        folder = Path(self._root if self._is_local else tempfile.gettempdir())
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{uuid4().hex}.part"
        try:
            with path.open("w+b") as file:
                yield file
        finally:
            path.unlink(missing_ok=True)

    def _keep(self, file: BufferedRandom, path: str) -> None:
        self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
        if self._is_local:
            # Or a power failure may leave the name without the content.
            os.fsync(file.fileno())
            Path(file.name).rename(path)
            return
        temporary = f"{path}.{uuid4().hex}.part"
        try:
            self._files.put_file(file.name, temporary)
            self._files.mv(temporary, path)
        except BaseException:
            self._remove(temporary)
            raise

    @contextmanager
    def _open(self, key: str) -> Iterator[BinaryIO]:
        """The file itself, or a copy without a name that vanishes when nothing uses it."""
        path = self._path(key)
        if self._is_local:
            with Path(path).open("rb") as file:
                yield file
            return
        with tempfile.TemporaryFile() as copy:
            self._files.get_file(path, copy)
            copy.flush()
            _check(copy, key)
            yield copy


def load_table(storage: Storage | str, key: str) -> Table:
    """A stored data set as the engine takes it; raises DatasetNotStoredError."""
    return (storage if isinstance(storage, Storage) else Storage(storage)).table(key)


def _check(file: BufferedRandom, key: str) -> None:
    """Raise OSError if a copy is not what was stored."""
    found = _digest(file)
    if found != key:
        raise OSError(f"The data set {key} came back as {found}: it is damaged.")


def _digest(file: BufferedRandom) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()
