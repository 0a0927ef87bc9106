"""Some rows of many."""

import numpy as np

from engine.data.table import Rows
from engine.randomness import Purpose, stream

__all__ = ["some_rows"]


def some_rows(rows: int, most: int) -> Rows:
    """The numbers of at most so many rows, chosen at random, always the same ones, in order."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(stream(0, Purpose.SAMPLE).permutation(rows)[:most])
