"""Folders of compiled kernels: one for each state of the engine's source.

New kernels go to the user's cache folder. A folder beside the installation (``share/trainyard``
under ``sys.prefix``) is only read: that is where an image ships its kernels.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import config as _config

__all__ = ["cache_folder", "shipped_folder", "source_digest", "source_is_current"]

logger = logging.getLogger(__name__)

PACKAGE = Path(__file__).parents[1]
"""The whole engine: a kernel changes with the functions that are compiled into it."""
config: Any = _config


def _source_on_disk() -> str:
    """A digest of the engine's source on the disk and of the versions of the compiler and NumPy."""
    versions = (numba.__version__, llvmlite.__version__, np.__version__)
    digest = hashlib.sha256(repr(versions).encode())
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


_SOURCE = _source_on_disk()
"""The digest of the source that this process runs, taken while the engine is imported."""


def source_digest() -> str:
    """The digest of the source that this process has imported, and of the compiler's versions.

    It stays the same whatever lies on the disk by now.
    """
    return _SOURCE


def _name() -> str:
    """The folder's name: kernels change with what is inlined into them, so with any file."""
    return f"kernels-{source_digest()}"


def shipped_folder() -> Path:
    """The folder beside an installation that may hold kernels that it brings along."""
    return Path(sys.prefix) / "share" / "trainyard" / _name()


@cache
def cache_folder() -> Path | None:
    """The folder that keeps machine code of this source; None if none can be written."""
    for base in _bases():
        folder = base / _name()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        return folder
    logger.warning("no folder for compiled kernels can be written: they are compiled every time")
    return None


def _bases() -> Iterator[Path]:
    """The places where the folder may be made, the best one first."""
    if chosen := config.CACHE_DIR or os.environ.get("XDG_CACHE_HOME"):
        yield Path(chosen) / "trainyard"
    else:
        with contextlib.suppress(RuntimeError):  # a user without a home
            yield Path.home() / ".cache" / "trainyard"
    if (private := _private_folder()) is not None:
        yield private


def _private_folder() -> Path | None:
    """A folder of this user among temporary files: machine code is run without being read."""
    try:
        folder = Path(tempfile.gettempdir()) / f"trainyard-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return folder if ours and not status.st_mode & 0o022 else None


def source_is_current() -> bool:
    """Whether the engine on the disk is still what this process runs: not so after an upgrade."""
    try:
        return _source_on_disk() == _SOURCE
    except OSError:
        return False
