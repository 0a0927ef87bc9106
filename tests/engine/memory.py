"""How much memory a piece of work takes at most, as Python and NumPy allocate it."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable


def peak_bytes(work: Callable[[], object]) -> int:
    """The most that was allocated at a time while it ran, its result included."""
    gc.collect()
    tracemalloc.start()
    try:
        result = work()
        peak: int = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak
