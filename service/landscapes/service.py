"""The loss along directions through a model's parameters."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.insight import landscape
from engine.insight.study import InspectedModel
from service.database.errors import RowNotFound
from service.http.errors import Invalid
from service.insight.arrays import finite
from service.insight.budget import check_memory, check_work, usual_rows
from service.insight.row_reader import RowReader, find_rows
from service.landscapes.schemas import LandscapeRequest, RandomDirections
from service.models.cache import AtEpoch, ModelCache

__all__ = ["slice_around"]

AT_A_TIME = 256
FINEST_SURFACE = 51


def slice_around(
    model_id: str,
    body: LandscapeRequest,
    cache: ModelCache,
    row_reader: RowReader,
    checkpoint: AtEpoch,
) -> dict[str, Any]:
    """The members of a ``Landscape``, with arrays as NumPy has them.

    Raises RowNotFound for the model or its checkpoint, Invalid where rows do not fit or where it
    would take too long.
    """
    ready, study = cache.study(model_id, checkpoint)
    dimensions = _dimensions(body)
    points = body.resolution**dimensions
    found = find_rows(body, ready, row_reader)
    most = body.max_rows or usual_rows(points, study)
    rows = found.sample(most)
    check_work(points, rows.table.rows, study, "/resolution", "Take fewer points, or fewer rows.")
    check_memory((4 + dimensions) * study.network.parameters, study)
    with rows.placed():
        x, targets = study.samples(rows.table)
    program = study.program(min(AT_A_TIME, len(x)), bare=True)
    here = study.metrics(program, x, targets)["loss"]
    directions, positions = _directions(body, study, model_id, cache)
    found_losses = landscape.slice_loss(program, x, targets, directions, positions)
    return {
        "model_id": model_id,
        "checkpoint": ready.used.model_dump(),
        "dimensions": dimensions,
        "rows": len(x),
        "loss": finite(here),
        "positions": found_losses.positions,
        "losses": found_losses.losses,
    }


def _dimensions(body: LandscapeRequest) -> int:
    if not isinstance(body.directions, RandomDirections):
        return 1
    if body.directions.dimensions == 2 and body.resolution > FINEST_SURFACE:
        message = f"A surface has at most {FINEST_SURFACE} positions along a direction."
        raise Invalid.at("/resolution", message)
    return body.directions.dimensions


def _directions(
    body: LandscapeRequest, study: InspectedModel, model_id: str, cache: ModelCache
) -> tuple[list[NDArray[Any]], NDArray[np.float64]]:
    """Where to go, and how far."""
    theta, wanted = study.state.theta, body.directions
    if isinstance(wanted, RandomDirections):
        drawn = landscape.random_directions(study.network, theta, wanted.dimensions, wanted.seed)
        return drawn, np.linspace(-wanted.span, wanted.span, body.resolution)
    try:
        _, other = cache.study(model_id, wanted.epoch)
    except RowNotFound:
        message = f"The model has no checkpoint of epoch {wanted.epoch}."
        raise Invalid.at("/directions/epoch", message) from None
    positions = np.linspace(-wanted.margin, 1 + wanted.margin, body.resolution)
    return landscape.between(theta, other.state.theta), positions
