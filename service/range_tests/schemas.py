"""Range tests: the loss against the learning rate, and what it suggests."""

from service.http.schemas import ResponseBody


class RangePoint(ResponseBody):
    """A mini-batch."""

    learning_rate: float
    loss: float
    smoothed: float
    """The running mean of the losses so far."""


class RangeSuggestion(ResponseBody):
    """What the curve says; null where it does not say it, as when the loss never falls."""

    steepest: float | None
    """Where the smoothed loss falls fastest, per factor of the rate: a good rate to train with."""
    lowest_loss: float | None
    """Where it is lowest; that is too high to begin with."""
    tenth_of_lowest: float | None
    """A tenth of that: another rule of thumb."""


class RangeTestResult(ResponseBody):
    """A range test so far."""

    points: list[RangePoint]
    """In the order in which they were tried: from low rates to high ones."""
    suggestion: RangeSuggestion
    stop_reason: str | None
    """`diverged` if the loss went up far enough to end the test, `completed` if it did not; null
    while it goes on."""
