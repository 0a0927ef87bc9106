"""Locks between processes, so that each kernel is compiled by one of them while others wait."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

__all__ = [
    "LOCK_TIMEOUT_SECONDS",
    "NESTED_LOCK_TIMEOUT_SECONDS",
    "CompileLock",
    "is_locked",
]

LOCK_TIMEOUT_SECONDS = 60.0
"""Compiling takes less: whoever has had a lock for so long may have been stopped."""
NESTED_LOCK_TIMEOUT_SECONDS = 5.0
"""For who holds another lock: two processes may wait for each other."""
POLL_SECONDS = 0.02


class CompileLock:
    """An advisory lock on a file (``flock``): its holder compiles, other processes wait for it.

    The system releases it with the process that holds it. Who has waited for
    ``timeout_seconds`` goes on without it.
    """

    def __init__(self, file: Path, timeout_seconds: float = LOCK_TIMEOUT_SECONDS) -> None:
        self._file = file
        self._descriptor: int | None = None
        self._is_ours = False
        deadline = time.monotonic() + timeout_seconds
        with contextlib.suppress(OSError):
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            while not (got := self._taken()) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            self._is_ours = got

    def _taken(self) -> bool:
        assert self._descriptor is not None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Release the lock: what other processes wait for is stored, or never will be."""
        if self._descriptor is not None:
            if self._is_ours:
                with contextlib.suppress(OSError):
                    self._file.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # a process that was forked has it open too
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
            os.close(self._descriptor)


def is_locked(file: Path) -> bool:
    """Whether a process holds the lock on a file."""
    with contextlib.suppress(OSError), file.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
