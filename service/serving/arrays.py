"""Arrays as they are sent: their shape, and as much of them as is wanted."""

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["finite", "shown", "shown_size"]


def shown(array: NDArray[Any], most: int) -> dict[str, Any]:
    """The first ``most`` of each axis. Numbers that are not finite are written as null."""
    corner = np.ascontiguousarray(array[tuple(slice(most) for _ in array.shape)])
    return {
        "shape": list(array.shape),
        "values": corner,
        "cut": corner.shape != array.shape,
        "finite": bool(np.isfinite(array).all()),
    }


def shown_size(array: NDArray[Any], most: int) -> int:
    """How many numbers that are."""
    return prod(min(extent, most) for extent in array.shape)


def finite(number: float) -> float | None:
    """The number, or None where JSON knows no word for it."""
    return number if np.isfinite(number) else None
