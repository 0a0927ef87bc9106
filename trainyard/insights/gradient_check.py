"""A gradient check: backpropagation beside central differences."""

from trainyard.records import CheckpointUsed, Result

__all__ = ["CheckedBlock", "GradientCheck"]


class CheckedBlock(Result):
    """The worst place of a block of parameters, of those that were checked."""

    name: str
    checked: int
    of: int
    kinks: int = 0
    largest_relative_error: float | None
    index: list[int] | None = None
    analytic: float | None = None
    numeric: float | None = None
    passed: bool


class GradientCheck(Result):
    """Whether backpropagation gives what central differences give, block by block."""

    model_id: str
    rows: int
    passed: bool
    tolerance: float
    largest_relative_error: float | None
    blocks: list[CheckedBlock]
    checkpoint: CheckpointUsed | None = None
