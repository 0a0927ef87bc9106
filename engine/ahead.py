"""The second core: it compiles the loops of a training while this one compiles its kernels.

Numba compiles one function at a time in a process, so a second process it is. It leaves what it
made in the cache on the disk, from where this process loads it. Where that does not work out, this
process compiles the loops itself: nothing depends on the other one but time.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from typing import Any

import numpy as np

from engine.compiling import COMPILED, is_at_hand
from engine.kernel_cache import cache_folder
from engine.loop_calls import TRAINING, loop_calls

__all__ = ["LoopsElsewhere", "available_cores", "compile_loops"]

LONGEST_SECONDS = 60.0
"""After that this process does without the other one."""


class LoopsElsewhere:
    """The loops of one precision, compiled by another process if they are not in the cache."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if COMPILED and _worth_it(dtype):
            order = f"from engine.ahead import compile_loops; compile_loops({dtype.name!r})"
            with contextlib.suppress(OSError):  # no interpreter to start: an embedded one
                self._process = subprocess.Popen(  # noqa: S603  # ourselves
                    [sys.executable, "-c", order],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )

    def wait(self) -> None:
        """Return when they are there, or never will be."""
        if self._process is None:
            return
        try:
            self._process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def compile_loops(precision: str) -> None:
    """Compile, or load, the loops that a training of one precision walks."""
    for function, types in _loops(np.dtype(precision)):
        function.compile(types)


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _loops(dtype: np.dtype[Any]) -> list[tuple[Any, tuple[Any, ...]]]:
    return [(call, types) for call, types in loop_calls(dtype) if call.__name__ in TRAINING]


def _worth_it(dtype: np.dtype[Any]) -> bool:
    if available_cores() == 1 or cache_folder() is None:
        return False
    return not all(is_at_hand(function, types) for function, types in _loops(dtype))
