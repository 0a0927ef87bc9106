"""What the service tells about how networks learn, as frozen values."""

from typing import Any

from pydantic import Field

from trainyard.records import CheckpointUsed, Label, Portion, Result

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

Point = tuple[float, float]


class Numbers(Result):
    """An array of the full ``shape``, or (``cut``) the corner of it; not finite is ``None``."""

    shape: list[int]
    values: list[Any]
    cut: bool = False
    finite: bool = True


class Remembered(Result):
    """A vector of the optimizer's memory for a layer: ``before["W"]`` and ``after["W"]``."""

    before: dict[str, Numbers]
    after: dict[str, Numbers]


class LayerUpdate(Result):
    """What the optimizer was given for a layer, what it remembers, and what it made of them.

    ``gradients["dW"]`` have the penalties and are clipped; ``memory["first_moment"]``;
    ``change["W"]`` is by how much the weights moved.
    """

    gradients: dict[str, Numbers]
    memory: dict[str, Remembered] = Field(default_factory=dict)
    change: dict[str, Numbers]


class TracedLayer(Result):
    """What a layer did, in the lecture's symbols: ``parameters["W"]``, ``gradients["dW"]``.

    ``theta["W"]`` is after the update. What a layer does not have is ``None``. ``units`` are the
    numbers, from 0, of those that are told.
    """

    name: str
    kind: str
    activation: str | None = None
    units: list[int] = Field(default_factory=list)
    x: Numbers
    parameters: dict[str, Numbers] = Field(default_factory=dict)
    z: Numbers | None = None
    h: Numbers
    delta: Numbers | None = None
    gradients: dict[str, Numbers] = Field(default_factory=dict)
    theta: dict[str, Numbers] = Field(default_factory=dict)
    update: LayerUpdate | None = None


class Slot(Result):
    """A vector that an optimizer remembers: its symbol and how it is renewed are in LaTeX."""

    name: str
    symbol: str
    rule: str


class Update(Result):
    """How the optimizer makes a step; ``fresh`` if its memory begins at zero with this one."""

    equation: str = ""
    fresh: bool = False
    memory: list[Slot] = Field(default_factory=list)
    scalars_before: list[float | None] = Field(default_factory=list)
    scalars_after: list[float | None] = Field(default_factory=list)


class Trace(Result):
    """One update of a network, forward and back: ``y`` is right, ``y_hat`` was answered."""

    model_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    classes: list[Label] | None = None
    target_scales: list[dict[str, float]] | None = None
    features: list[str] = Field(default_factory=list)
    training: bool = False
    optimizer: dict[str, Any] = Field(default_factory=dict)
    learning_rate: float
    step: int
    update: Update | None = None
    layers: list[TracedLayer]
    y: Numbers
    y_hat: Numbers
    losses: list[float | None]
    loss: float | None
    checkpoint: CheckpointUsed | None = None


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


class Landscape(Result):
    """Losses around a model, at 0: a list along one direction, a list of rows along two."""

    model_id: str
    dimensions: int
    rows: int
    loss: float | None
    positions: list[float]
    losses: list[Any]
    checkpoint: CheckpointUsed | None = None


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


class DescentPath(Result):
    """How one optimizer went: ``points`` and ``values`` after the steps ``at``."""

    name: str
    optimizer: dict[str, Any] = Field(default_factory=dict)
    schedule: dict[str, Any] | None = None
    at: list[int]
    points: list[Point]
    values: list[float]
    end: Point
    value: float
    steps: int
    distance: float | None = None
    diverged: bool = False


class Grid(Result):
    """A surface to be drawn: a row of heights for every y, in it one for every x."""

    x: list[float]
    y: list[float]
    heights: list[list[float | None]]


class Descent(Result):
    """The paths of a race of optimizers, in the order in which they were given."""

    surface: dict[str, Any] = Field(default_factory=dict)
    minima: list[Point] = Field(default_factory=list)
    window: tuple[float, float, float, float]
    start: Point
    paths: list[DescentPath]
    grid: Grid | None = None


class Fold(Result):
    """A fold of a cross-validation that has ended, at its best epoch."""

    fold: int
    repeat: int = 1
    train_rows: int = 0
    validation_rows: int = 0
    epochs: int = 0
    best_epoch: int = 0
    stop_reason: str = ""
    train: dict[str, float | None] = Field(default_factory=dict)
    validation: dict[str, float | None] = Field(default_factory=dict)


class Spread(Result):
    """Mean and standard deviation of a metric over folds."""

    mean: float | None
    deviation: float | None = None


class Folds(Result):
    """A cross-validation so far: ``data`` of ``folds``, and ``validation["loss"].mean``."""

    folds: int
    data: list[Fold]
    train: dict[str, Spread] = Field(default_factory=dict)
    validation: dict[str, Spread] = Field(default_factory=dict)


class OutOfFoldRow(Result):
    """A row of the dataset, and what a network that never saw it says."""

    row: int
    fold: int
    repeat: int = 1
    truth: Label | list[Label]
    prediction: Label | list[Label]
    probabilities: list[float] | None = None


class OutOfFold(Portion):
    """A page of out-of-fold predictions, of ``total`` there are so far."""

    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    classes: list[Label] | None = None
    data: list[OutOfFoldRow]


class OutOfFoldEvaluation(Result):
    """How well a cross-validation did, judged on rows that its networks never saw.

    With ``answers`` some rows one by one: their ``truth``, ``predictions`` and ``probabilities``.
    """

    job_id: str
    target: str | None = None
    targets: list[str] = Field(default_factory=list)
    folds: int
    rows: int
    scores: dict[str, Any]
    answers: dict[str, Any] | None = None


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
