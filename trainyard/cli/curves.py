"""Curves in characters: a sparkline of one, a chart of several."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from math import log
from operator import itemgetter
from typing import TypeAlias

Points: TypeAlias = Sequence[tuple[int, float | None]]
"""Places, in order, and the values at them; ``None`` was not finite."""

_STEPS = "▁▂▃▄▅▆▇█"
_NOT_FINITE = "?"
_SEVERAL = "*"


def bounds(*curves: Points) -> tuple[float, float] | None:
    """The lowest and the highest of all values; ``None`` if there are none."""
    finite = [value for points in curves for _, value in points if value is not None]
    return (min(finite), max(finite)) if finite else None


def is_logarithmic(within: tuple[float, float]) -> bool:
    """Whether heights are logarithms: where the highest value is ten times the lowest, or more."""
    low, high = within
    return 0 < 10 * low <= high


def sparkline(points: Points, width: int, within: tuple[float, float] | None = None) -> str:
    """A curve from its first to its last place, a character for each of some stretches.

    Heights are logarithms where values differ by factors, see :func:`is_logarithmic`. ``within``
    are the bounds of several curves that are to be compared.
    """
    within = within or bounds(points)
    height = _heights(within) if within else None
    return "".join(
        _NOT_FINITE if value is None or height is None else _STEPS[round(7 * height(value))]
        for value in _stretches(points, min(width, len(points)))
    )


def chart(curves: Sequence[Points], width: int, height: int) -> list[list[int | None]]:
    """Lines of cells from the top: which curve goes through each; -1 for several, None for none."""
    cells: list[list[int | None]] = [[None] * width for _ in range(height)]
    within = bounds(*curves)
    if within is None:
        return cells
    share = _heights(within)
    last = max(place for points in curves for place, _ in points)
    for number, points in enumerate(curves):
        for column, value in _columns(points, width, last):
            line = round((height - 1) * (1 - share(value)))
            taken = cells[line][column]
            cells[line][column] = number if taken in {None, number} else -1
    return cells


def mark(curve: int) -> str:
    """The letter that a curve is drawn with; the lines of several that meet have a star."""
    return _SEVERAL if curve < 0 else "ABCDEFGHIJ"[curve]


def _columns(points: Points, width: int, last: int) -> Iterator[tuple[int, float]]:
    """The value of a curve in each column, as far as the curve goes; straight between its points.

    The columns go from epoch 1 to the ``last`` one of all curves.
    """
    finite = [(place, value) for place, value in points if value is not None]
    for column in range(width):
        at = 1 + (last - 1) * column / max(1, width - 1)
        after = bisect_left(finite, at, key=itemgetter(0))
        if after == len(finite) or (after == 0 and finite[0][0] > at):
            continue
        right, high = finite[after]
        left, low = finite[max(0, after - 1)]
        share = (at - left) / (right - left) if right > left else 1.0
        yield column, low + share * (high - low)


def _stretches(points: Points, width: int) -> list[float | None]:
    """The last value in each of so many stretches; an empty one goes on as the one before."""
    if not points:
        return []
    first, last = points[0][0], points[-1][0]
    values: list[float | None] = [points[0][1]] * width
    filled = 0
    for place, value in points:
        stretch = round((place - first) * (width - 1) / max(1, last - first))
        for empty in range(filled + 1, stretch):
            values[empty] = values[filled]
        values[stretch] = value
        filled = stretch
    return values


def _heights(within: tuple[float, float]) -> Callable[[float], float]:
    """From a value to its share of the height, 0 to 1."""
    low, high = within
    if is_logarithmic(within):
        span = log(high / low)
        return lambda value: log(value / low) / span
    return lambda value: (value - low) / (high - low) if high > low else 0.0
