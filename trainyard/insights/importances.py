"""Feature importances, by permutation."""

from pydantic import Field

from trainyard.records import CheckpointUsed, Result

__all__ = ["Importances", "InputImportance"]


class InputImportance(Result):
    """How far the score falls without a column, and how each output leans on it."""

    column: str
    importance: float | None
    deviation: float | None = None
    sensitivity: list[float | None] | None = None
    slope: list[float | None] | None = None
    unit: float | None = None


class Importances(Result):
    """What a model listens to, the most important column first."""

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    rows: int
    score: str
    baseline: float | None
    repeats: int
    inputs: list[InputImportance]
    checkpoint: CheckpointUsed | None = None
