"""Evaluations: how well a model does on data whose answers are known."""

from typing import Annotated, Literal

from pydantic import Field

from service.checkpoints.schemas import CheckpointUsed
from service.http.schemas import Label, ResponseBody
from service.rows.schemas import RowSource

MAX_ANSWERS = 10_000


class EvaluationRequest(RowSource):
    """What to evaluate on: a dataset, rows with their answers, or a part of the job's own data."""

    answers: Annotated[int, Field(strict=True, ge=0, le=MAX_ANSWERS)] = 0
    """How many rows to tell one by one, for curves and residuals: of more rows so many, drawn at
    random, always the same ones."""


class Answers(ResponseBody):
    """Rows one by one: what is right, and what the model says."""

    truth: list[Label] | list[list[Label]]
    """Of several targets a list a row."""
    predictions: list[Label] | list[list[Label]]
    probabilities: list[list[float]] | None
    """As in predictions: one column a class; null for numbers."""


class ClassScores(ResponseBody):
    """How well one class is found."""

    label: Label
    precision: float
    """Of the rows that were given this class, the part that have it; 0 if there are none."""
    recall: float
    """Of the rows that have this class, the part that were given it; 0 if there are none."""
    f1: float
    """The harmonic mean of the two."""
    support: int
    """How many rows have this class."""


class AverageScores(ResponseBody):
    """Scores over all classes."""

    precision: float
    recall: float
    f1: float


class ClassificationScores(ResponseBody):
    """Measures of a classifier."""

    kind: Literal["classification"]
    loss: float | None
    """Cross-entropy of the probabilities, in nats."""
    accuracy: float
    roc_auc: float | None
    """Area under the ROC curve; several classes: each against the rest, averaged. Null if only
    one class is among the rows."""
    per_class: list[ClassScores]
    macro: AverageScores
    """The mean over classes."""
    weighted: AverageScores
    """The mean over rows."""
    confusion_matrix: list[list[int]]
    """Row: the true class; column: the predicted one; in the order of `per_class`."""


class TargetScores(ResponseBody):
    """Measures of one target of a regression, in its own units."""

    target: str
    mse: float
    mae: float
    rmse: float
    r2: float | None


class RegressionScores(ResponseBody):
    """Measures of a regression, in the target's own units."""

    kind: Literal["regression"]
    mse: float
    """Mean squared error."""
    mae: float
    """Mean absolute error."""
    rmse: float
    """Root of the mean squared error."""
    r2: float | None
    """Coefficient of determination; null if the target does not vary among the rows."""
    per_target: list[TargetScores]
    """The same of each target; of several, the measures above are their means (rmse: the root)."""


class LabelScores(ResponseBody):
    """How well one label is found: whether a row has the second of the two classes."""

    target: str
    accuracy: float
    precision: float
    recall: float
    f1: float
    support: int
    """How many rows have it."""
    roc_auc: float | None


class MultilabelScores(ResponseBody):
    """Measures of a network that gives several labels."""

    kind: Literal["multilabel"]
    loss: float | None
    """Binary cross-entropy, the mean over rows and labels, in nats."""
    accuracy: float
    """The part of the rows whose labels are all right."""
    hamming_loss: float
    """The part of all labels that are wrong."""
    roc_auc: float | None
    """The mean over labels that some rows have and some not."""
    per_target: list[LabelScores]
    macro: AverageScores
    """The mean over labels."""
    micro: AverageScores
    """All labels counted together."""


Scores = ClassificationScores | RegressionScores | MultilabelScores


class Evaluation(ResponseBody):
    """The measures of a model on some rows."""

    model_id: str
    checkpoint: CheckpointUsed
    target: str | None
    """The column that is predicted; null if there are several."""
    targets: list[str]
    rows: int
    """How many rows were evaluated; those without a target are left out."""
    scores: Annotated[Scores, Field(discriminator="kind")]
    answers: Answers | None
    """Some rows one by one, if that was asked for."""
