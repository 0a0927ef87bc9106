"""Arrays as they are sent: their shape, and as much of them as is wanted."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Portion

__all__ = ["finite", "shown", "shown_size"]


def shown(array: NDArray[Any], *chosen: Portion) -> dict[str, Any]:
    """What is chosen along each axis. Numbers that are not finite are written as null."""
    part = array
    for axis, places in enumerate(chosen):
        part = part[(slice(None),) * axis + (places,)]
    return {
        "shape": list(array.shape),
        "values": np.ascontiguousarray(part),
        "cut": part.shape != array.shape,
        "finite": bool(np.isfinite(array).all()),
    }


def shown_size(array: NDArray[Any], most: int) -> int:
    """How many numbers that are, with so many along each axis."""
    return prod(min(extent, most) for extent in array.shape)


def finite(number: float) -> float | None:
    """The number, or None where JSON knows no word for it."""
    return number if np.isfinite(number) else None
