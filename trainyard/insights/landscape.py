"""A loss landscape: the loss along directions through the parameters."""

from typing import Any

from trainyard.records import CheckpointUsed, Result

__all__ = ["Landscape"]


class Landscape(Result):
    """Losses around a model, at 0: a list along one direction, a list of rows along two."""

    model_id: str
    dimensions: int
    rows: int
    loss: float | None
    positions: list[float]
    losses: list[Any]
    checkpoint: CheckpointUsed | None = None
