"""What the curve of a learning-rate range test suggests."""

from collections.abc import Sequence

from engine.recipe import RangeTest
from engine.training.range_test import smoothed, suggest
from service.database.tables import Epoch
from service.range_tests.schemas import RangePoint, RangeSuggestion, RangeTestResult

__all__ = ["range_test_result"]


def range_test_result(
    test: RangeTest, rows: Sequence[Epoch], stop_reason: str | None
) -> RangeTestResult:
    """The loss at every rate tried so far, smoothed, and the rates that the curve suggests."""
    measured = [(r.learning_rate, r.train_loss) for r in rows if r.train_loss is not None]
    rates = [rate for rate, _ in measured]
    curve = smoothed([loss for _, loss in measured], test.smoothing)
    points = [
        RangePoint(learning_rate=rate, loss=loss, smoothed=mean)
        for (rate, loss), mean in zip(measured, curve, strict=True)
    ]
    suggestion = RangeSuggestion.model_validate(suggest(rates, curve, test.smoothing))
    return RangeTestResult(points=points, suggestion=suggestion, stop_reason=stop_reason)
