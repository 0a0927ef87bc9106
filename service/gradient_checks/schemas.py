"""Gradient checks: backpropagation held against central differences."""

from typing import Annotated

from pydantic import Field

from service.checkpoints.schemas import CheckpointUsed
from service.http.schemas import ResponseBody
from service.insight.schemas import FewRows, Whole


class GradientCheckRequest(FewRows):
    """The rows whose mean loss is differentiated, at most 100, with the target among them."""

    tolerance: float = Field(1e-4, gt=0, le=1, strict=True)
    """The largest relative error that passes."""
    per_block: Annotated[Whole, Field(ge=1, le=500)] | None = None
    """How many parameters of each block are checked, chosen at random; by default up to 200, fewer
    where that would take long. Rows x parameters of the network x parameters checked are limited
    to 1e9."""
    seed: Annotated[Whole, Field(ge=0, le=2**53 - 1)] = 0
    """What they are chosen by."""


class CheckedBlock(ResponseBody):
    """One block of parameters, such as `layers.0.weight`, and its worst place."""

    name: str
    checked: int
    of: int
    """How many parameters it has."""
    kinks: int
    """How many of those checked have no derivative here, such as a ReLU at zero; they do not
    count."""
    largest_relative_error: float | None
    """|a - n| / max(|a|, |n|, 1e-5); null if it is not finite."""
    index: list[int] | None
    """Where that is; null if every place checked is a kink."""
    analytic: float | None
    """The derivative a there, by backpropagation."""
    numeric: float | None
    """The derivative n there, (L(theta + w) - L(theta - w)) / 2w."""
    passed: bool


class GradientCheck(ResponseBody):
    """Whether the gradient is right."""

    model_id: str
    checkpoint: CheckpointUsed
    rows: int
    passed: bool
    """Whether every block passed."""
    tolerance: float
    largest_relative_error: float | None
    """The largest of all blocks; null if one is not finite."""
    blocks: list[CheckedBlock]
