"""What the service tells about how networks learn, as frozen values."""

from trainyard.insights.descents import Descent, DescentPath, Grid
from trainyard.insights.folds import (
    Fold,
    Folds,
    OutOfFold,
    OutOfFoldEvaluation,
    OutOfFoldRow,
    Spread,
)
from trainyard.insights.gradient_check import CheckedBlock, GradientCheck
from trainyard.insights.importances import Importances, InputImportance
from trainyard.insights.landscape import Landscape
from trainyard.insights.range_test import RangePoint, RangeSuggestion, RangeTestResult
from trainyard.insights.trace import (
    LayerUpdate,
    Numbers,
    Remembered,
    Slot,
    Trace,
    TracedLayer,
    Update,
)

__all__ = [
    "CheckedBlock",
    "Descent",
    "DescentPath",
    "Fold",
    "Folds",
    "GradientCheck",
    "Grid",
    "Importances",
    "InputImportance",
    "Landscape",
    "LayerUpdate",
    "Numbers",
    "OutOfFold",
    "OutOfFoldEvaluation",
    "OutOfFoldRow",
    "RangePoint",
    "RangeSuggestion",
    "RangeTestResult",
    "Remembered",
    "Slot",
    "Spread",
    "Trace",
    "TracedLayer",
    "Update",
]
