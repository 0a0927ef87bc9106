"""A learning-rate range test: the loss at every rate."""

from trainyard.records import Result

__all__ = ["RangePoint", "RangeSuggestion", "RangeTestResult"]


class RangePoint(Result):
    """A mini-batch of a range test."""

    learning_rate: float
    loss: float | None
    smoothed: float | None = None


class RangeSuggestion(Result):
    """Learning rates that a range test suggests; ``None`` where its curve does not say."""

    steepest: float | None
    lowest_loss: float | None
    tenth_of_lowest: float | None


class RangeTestResult(Result):
    """The loss against the learning rate, and what that suggests."""

    points: list[RangePoint]
    suggestion: RangeSuggestion
    stop_reason: str | None = None
