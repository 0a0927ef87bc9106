"""The loss landscape around a model."""

from typing import Annotated, Literal

from pydantic import Field

from service.checkpoints.schemas import CheckpointUsed
from service.http.schemas import RequestBody, ResponseBody
from service.insight.schemas import MostRows, Nested, Whole
from service.rows.schemas import RowSource

Finite = Annotated[float, Field(strict=True)]


class RandomDirections(RequestBody):
    """Directions drawn at random, as long as the weights of each unit are (filter-normalized)."""

    kind: Literal["random"] = "random"
    dimensions: Annotated[Whole, Field(ge=1, le=2)] = 2
    """One direction gives a curve, two a surface."""
    seed: Annotated[Whole, Field(ge=0, le=2**53 - 1)] = 0
    span: Finite = Field(1.0, gt=0, le=100)
    """Positions go from -span to span; at 1 every unit's weights have moved by their own length."""


class TowardsCheckpoint(RequestBody):
    """The straight line from this state, at 0, to that of another checkpoint, at 1."""

    kind: Literal["checkpoint"] = "checkpoint"
    epoch: Annotated[Whole, Field(ge=0, le=10**9)]
    """The epoch of the other checkpoint."""
    margin: Finite = Field(0.5, ge=0, le=10)
    """How far positions go beyond both ends."""


class LandscapeRequest(RowSource):
    """What to slice the landscape along, and over which rows; by default those held out."""

    directions: Annotated[
        RandomDirections | TowardsCheckpoint,
        Field(discriminator="kind", examples=[{"kind": "random", "dimensions": 1}]),
    ] = RandomDirections()
    resolution: Annotated[Whole, Field(ge=2, le=201)] = 21
    """The number of positions along a direction: up to 201 on a line, 51 on a surface."""
    max_rows: MostRows = None
    """The rows that are taken, chosen at random from those there are; by default up to 1,000,
    fewer (not less than 16) where that would take long. Points x rows x parameters of the network
    are limited to about 3e9."""


class Landscape(ResponseBody):
    """Losses around a model."""

    model_id: str
    checkpoint: CheckpointUsed
    dimensions: int
    rows: int
    """How many rows every loss is the mean over."""
    loss: float | None
    """That of the model itself, at 0; without penalties."""
    positions: list[float]
    """Along every direction."""
    losses: Nested
    """One for each position; on a surface a row for each position along the first direction. Null
    where it is not finite."""
