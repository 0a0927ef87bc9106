"""Paths of optimizers on surfaces."""

from math import inf, isfinite
from typing import Any

import numpy as np

from engine.errors import json_pointer
from engine.insight.descent import descend
from engine.insight.surfaces import Surface
from service.descents.schemas import DescentRequest, GridRequest, Run
from service.http.errors import Invalid
from service.recipes import spec_to_json

__all__ = ["race"]

MAX_WORK = 500_000
PER_STEP = 4
"""What a step costs an optimizer that remembers nothing, in numbers remembered."""

Point = tuple[float, float]


def race(body: DescentRequest) -> dict[str, Any]:
    """The members of a ``Descent``, with arrays as NumPy has them. Raises Invalid."""
    start = body.start or body.surface.start
    _check(body, start)
    return {
        "surface": spec_to_json(body.surface),
        "minima": body.surface.minima,
        "window": body.surface.window,
        "start": start,
        "paths": [_path(run, body, start) for run in body.runs],
        "grid": None if body.grid is None else _grid(body.grid, body.surface),
    }


def _check(body: DescentRequest, start: Point) -> None:
    """Raise Invalid before anything is carried out."""
    work = body.steps * sum(PER_STEP + len(run.optimizer.slots()) for run in body.runs)
    if work > MAX_WORK:
        raise Invalid.at("/steps", "This would take too long: take fewer steps, or fewer runs.")
    for place, run in enumerate(body.runs):
        if run.schedule is not None and run.schedule.monitor() is not None:
            raise Invalid.at(
                json_pointer("runs", place, "schedule"),
                f"{run.schedule.kind_name()!r} watches the loss of a training; there is none here.",
            )
    if not isfinite(_height(body.surface, *start)):
        raise Invalid.at("/start", "The surface has no finite height there: begin nearer to 0.")


def _path(run: Run, body: DescentRequest, start: Point) -> dict[str, Any]:
    descent = descend(body.surface, run.optimizer, start, body.steps, run.schedule)
    last = len(descent.points) - 1
    at = np.unique(np.linspace(0, last, min(body.max_points, last + 1)).round().astype(np.int64))
    return {
        "name": run.name or run.optimizer.kind_name(),
        "optimizer": spec_to_json(run.optimizer),
        "schedule": None if run.schedule is None else spec_to_json(run.schedule),
        "at": at,
        "points": descent.points[at],
        "values": descent.values[at],
        "end": descent.points[last],
        "value": descent.values[last],
        "steps": last,
        "distance": descent.distance,
        "diverged": descent.diverged,
    }


def _grid(wanted: GridRequest, surface: Surface) -> dict[str, Any]:
    x_low, x_high, y_low, y_high = surface.window
    if wanted.x is not None:
        x_low, x_high = wanted.x.low, wanted.x.high
    if wanted.y is not None:
        y_low, y_high = wanted.y.low, wanted.y.high
    xs = np.linspace(x_low, x_high, wanted.resolution)
    ys = np.linspace(y_low, y_high, wanted.resolution)
    heights = [[_height(surface, x, y) for x in xs.tolist()] for y in ys.tolist()]
    return {"x": xs, "y": ys, "heights": np.array(heights)}


def _height(surface: Surface, x: float, y: float) -> float:
    try:
        return surface.value(x, y)
    except OverflowError:
        return inf
