"""Rows of data in the forms that people have them in, ready to send."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Table: TypeAlias = Any
"""Rows: mappings by column, lists, an array, or a data frame of pandas or Polars."""


def as_rows(data: Table, columns: Iterable[str] | None = None) -> dict[str, Any]:
    """``{"records": ...}`` from mappings, ``{"rows": ..., "columns": ...}`` from anything else.

    A pandas or Polars data frame is known by its methods, an array by ``tolist``: none of these
    libraries is needed here. Raises TypeError for what is no table.
    """
    if hasattr(data, "to_dicts"):
        data = data.to_dicts()
    elif hasattr(data, "to_dict"):
        data = data.to_dict("records")
    elif hasattr(data, "tolist"):
        data = data.tolist()
    rows = [] if isinstance(data, str | bytes | Mapping) else list(data)
    if rows and all(isinstance(row, Mapping) for row in rows):
        return {"records": [_cells(row) for row in rows]}
    if not all(isinstance(row, list | tuple) or hasattr(row, "tolist") for row in rows) or not rows:
        raise TypeError("rows should be a list of mappings, a list of lists, or a data frame")
    matrix = {"rows": [_cells(row) for row in rows]}
    return matrix | ({"columns": list(columns)} if columns is not None else {})


def _cells(data: Table) -> Table:
    """Plain values; NaN, which says "missing" in Python, as ``None``."""
    if hasattr(data, "tolist"):
        data = data.tolist()
    if isinstance(data, Mapping):
        return {name: _cells(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_cells(value) for value in data]
    return None if isinstance(data, float) and math.isnan(data) else data
