"""Bundles: compiled code finds in them what Python put there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine.compiler.bundles import Bundle
from engine.compiler.jit import compiled


@dataclass(frozen=True, eq=False)
class Things(Bundle):
    count: int
    flat: Any
    table: Any
    records: Any
    none: Any


@compiled
def look(things: Any, found: Any) -> int:
    """Read everything, and write where the flat array is."""
    rows, columns = things.table.shape
    found[0], found[1], found[2] = rows, columns, things.none.size
    found[3] = things.table[rows - 1, columns - 1]
    found[4] = things.records[1]["b"]
    found[5] = things.flat.size
    for i in range(things.flat.size):
        things.flat[i] += things.count
    count: int = things.count
    return count


def things(dtype: str, count: int = 7) -> Things:
    records = np.array([(1, 2), (3, 4)], [("a", np.int64), ("b", np.int64)])
    table = np.arange(6, dtype=dtype).reshape(2, 3)
    return Things(count, np.zeros(2, dtype), table, records, np.zeros((0, 3), np.int64))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_fields_are_found(dtype: str) -> None:
    made, found = things(dtype), np.zeros(6)
    assert look(made, found) == 7
    assert found.tolist() == [2, 3, 0, 5, 4, 2]
    assert made.flat.tolist() == [7, 7]


def test_another_bundle_of_the_same_types_needs_no_compiler() -> None:
    for count in (1, 2):
        assert look(things("float32", count), np.zeros(6)) == count
    compiled_look: Any = look
    kinds = [types[0] for types in compiled_look.overloads]
    assert len(kinds) == len({str(kind) for kind in kinds}) <= 2


def test_an_array_in_pieces_is_refused() -> None:
    with pytest.raises(ValueError, match="one piece"):
        Things(1, np.zeros(4)[::2], np.zeros((1, 1)), np.zeros(1), np.zeros(1))
