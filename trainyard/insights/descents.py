"""Descents: paths of optimizers over analytic surfaces."""

from typing import Any

from pydantic import Field

from trainyard.records import Result

__all__ = ["Descent", "DescentPath", "Grid"]

Point = tuple[float, float]


class DescentPath(Result):
    """How one optimizer went: ``points`` and ``values`` after the steps ``at``."""

    name: str
    optimizer: dict[str, Any] = Field(default_factory=dict)
    schedule: dict[str, Any] | None = None
    at: list[int]
    points: list[Point]
    values: list[float]
    end: Point
    value: float
    steps: int
    distance: float | None = None
    diverged: bool = False


class Grid(Result):
    """A surface to be drawn: a row of heights for every y, in it one for every x."""

    x: list[float]
    y: list[float]
    heights: list[list[float | None]]


class Descent(Result):
    """The paths of a race of optimizers, in the order in which they were given."""

    surface: dict[str, Any] = Field(default_factory=dict)
    minima: list[Point] = Field(default_factory=list)
    window: tuple[float, float, float, float]
    start: Point
    paths: list[DescentPath]
    grid: Grid | None = None
