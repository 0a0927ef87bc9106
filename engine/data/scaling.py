"""Columns become scaled rows: the pass over all data that preprocessing is made of."""

from __future__ import annotations

import numpy as np

from engine.compiler.arrays import Array, smaller
from engine.compiler.jit import compiled_exactly

__all__ = ["scale_columns"]


@compiled_exactly
def scale_columns(values: Array, parameters: Array, tile: Array, out: Array) -> bool:
    """Write (value - offset) / scale of each column into a column of ``out``, (rows, columns).

    ``values`` (columns, rows) are in double precision, as is all arithmetic; ``parameters`` are
    fill (what stands for a missing value), offset and scale of each column. ``tile`` is working
    memory: some rows at a time, column after column, so that both sides are walked along their
    memory. Tells whether some result is not finite.
    """
    columns, rows = values.shape
    together = tile.shape[1]
    accident = False
    for start in range(0, rows, together):
        count = smaller(together, rows - start)
        for j in range(columns):
            fill, offset, scale = parameters[j, 0], parameters[j, 1], parameters[j, 2]
            for i in range(count):
                value = values[j, start + i]
                value = fill if np.isnan(value) else value
                tile[j, i] = (value - offset) / scale
        for i in range(count):
            for j in range(columns):
                scaled = tile[j, i]
                accident |= not np.isfinite(scaled)
                out[start + i, j] = scaled
    return accident
