"""What the command `warmup` does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from engine.compiler.folders import cache_folder
from engine.precompile.inventory import compile_missing, units

__all__ = ["warm"]


def warm(done: Callable[[int, int], None]) -> dict[str, Any]:
    """Compile every kernel that is not compiled yet; tell how many, where, and how long it took.

    Raises OSError where they cannot be kept.
    """
    started = time.perf_counter()
    folder = cache_folder()
    if folder is None:
        raise OSError("no folder for compiled kernels can be written: set XDG_CACHE_HOME to one")
    compiled = compile_missing(done)
    return {
        "compiled": compiled,
        "kernels": len(units()),
        "seconds": round(time.perf_counter() - started, 3),
        "folder": str(folder),
    }
