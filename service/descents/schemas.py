"""Descents: optimizers race on an analytic surface."""

from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from engine import Optimizer, Schedule
from engine.insight.surfaces import Surface
from service.http.schemas import RequestBody, ResponseBody
from service.insight.schemas import Nested, Whole

Coordinate = Annotated[float, Field(strict=True, ge=-1e6, le=1e6)]
RunName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=100)]


class Run(RequestBody):
    """One of the racers."""

    optimizer: Optimizer
    schedule: Schedule | None = None
    """How its learning rate changes, a step counting as an epoch; by default not at all."""
    name: RunName | None = None
    """What to call it; by default the optimizer's kind."""


class Range(RequestBody):
    """Where an axis begins and ends."""

    low: Coordinate
    high: Coordinate

    @model_validator(mode="after")
    def check_order(self) -> Self:
        """From low to high."""
        if not self.low < self.high:
            raise ValueError("'low' must be less than 'high'.")
        return self


class GridRequest(RequestBody):
    """Heights to draw the surface from."""

    resolution: Annotated[Whole, Field(ge=2, le=101)] = 41
    """The number of points along each axis."""
    x: Range | None = None
    """By default what is worth looking at."""
    y: Range | None = None
    """By default what is worth looking at."""


class DescentRequest(RequestBody):
    """A surface, and who descends it from where for how long."""

    surface: Surface = Field(examples=["rosenbrock", {"kind": "bowl", "condition": 100}])
    runs: list[Run] = Field(min_length=1, max_length=10)
    """The optimizers. Steps x (4 + numbers remembered for each parameter), summed over them, are
    limited to 500,000."""
    start: tuple[Coordinate, Coordinate] | None = Field(None, examples=[[-1.2, 1.0]])
    """Where to begin, x and y; by default a good place of the surface's own."""
    steps: Annotated[Whole, Field(ge=1, le=10_000)] = 200
    max_points: Annotated[Whole, Field(ge=2, le=2000)] = 500
    """The points of each path that are sent at most; its first and last ones always are."""
    grid: GridRequest | None = None
    """Send the surface too, as heights over a grid."""


class Path(ResponseBody):
    """How one optimizer went."""

    name: str
    optimizer: dict[str, Any]
    schedule: dict[str, Any] | None
    at: list[int]
    """The steps after which the points were reached; 0 is the start."""
    points: list[tuple[float, float]]
    values: list[float]
    """The height at every point."""
    end: tuple[float, float]
    """Where it ended; if it diverged, its last finite point."""
    value: float
    """The height there."""
    steps: int
    """How many steps it took."""
    distance: float | None
    """How far its end is from the nearest minimum; null where the surface has none."""
    diverged: bool
    """Whether it went beyond all bounds, and was stopped."""


class Grid(ResponseBody):
    """A surface to be drawn."""

    x: list[float]
    y: list[float]
    heights: Nested
    """A row for every y, in it a height for every x; null where it is not finite."""


class Descent(ResponseBody):
    """The paths of a race, in the order of the runs."""

    surface: dict[str, Any]
    minima: list[tuple[float, float]]
    """Where the surface is lowest, if anywhere."""
    window: tuple[float, float, float, float]
    """What is worth looking at: x from, x to, y from, y to."""
    start: tuple[float, float]
    paths: list[Path]
    grid: Grid | None
