"""How well answers fit the truth, by scikit-learn's definitions."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from engine import Prediction, Table, Task
from engine.table import Rows
from service.schemas.evaluations import (
    AverageScores,
    ClassificationScores,
    ClassScores,
    RegressionScores,
)

__all__ = ["evaluate"]


def evaluate(
    prediction: Prediction, table: Table, task: Task
) -> ClassificationScores | RegressionScores:
    """Compare predictions for all rows of a table with its target.

    Raises InvalidData, naming row and column, where the target is a class the model cannot know.
    """
    if task.kind == "regression":
        truth = np.asarray(table.columns[task.target], np.float64)
        return _regression(truth, np.asarray(prediction.values, np.float64))
    assert prediction.probabilities is not None
    probabilities = np.asarray(prediction.probabilities, np.float64)
    return _classification(task.codes(table), probabilities, task.classes)


def _regression(truth: NDArray[np.float64], answers: NDArray[np.float64]) -> RegressionScores:
    squared = float(metrics.mean_squared_error(truth, answers))
    varies = len(truth) > 1 and np.ptp(truth) > 0
    return RegressionScores(
        kind="regression",
        mse=squared,
        mae=float(metrics.mean_absolute_error(truth, answers)),
        rmse=squared**0.5,
        r2=float(metrics.r2_score(truth, answers)) if varies else None,
    )


def _classification(
    truth: Rows, probabilities: NDArray[np.float64], classes: Sequence[str | float]
) -> ClassificationScores:
    labels = np.arange(len(classes))
    answers = probabilities.argmax(axis=1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, answers, labels=labels, zero_division=0
    )
    scores = zip(classes, precision, recall, f1, support, strict=True)
    return ClassificationScores(
        kind="classification",
        loss=_cross_entropy(truth, probabilities),
        accuracy=float(np.mean(answers == truth)),
        roc_auc=_roc_auc(truth, probabilities),
        per_class=[
            ClassScores(label=label, precision=p, recall=r, f1=f, support=int(s))
            for label, p, r, f, s in scores
        ],
        macro=_average(truth, answers, labels, "macro"),
        weighted=_average(truth, answers, labels, "weighted"),
        confusion_matrix=metrics.confusion_matrix(truth, answers, labels=labels).tolist(),
    )


def _cross_entropy(truth: Rows, probabilities: NDArray[np.float64]) -> float:
    labels = np.arange(probabilities.shape[1])
    sums = probabilities.sum(axis=1, keepdims=True)  # 1 up to the rounding of float32
    return float(metrics.log_loss(truth, probabilities / sums, labels=labels))


def _roc_auc(truth: Rows, probabilities: NDArray[np.float64]) -> float | None:
    """Each class against the rest, averaged over the classes that some rows have and some not."""
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    areas = [
        float(metrics.roc_auc_score(truth == code, probabilities[:, code]))
        for code in classes
        if 0 < np.count_nonzero(truth == code) < len(truth)
    ]
    return float(np.mean(areas)) if areas else None


def _average(truth: Rows, answers: Rows, labels: NDArray[np.int64], how: str) -> AverageScores:
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, answers, labels=labels, average=how, zero_division=0
    )
    return AverageScores(precision=precision, recall=recall, f1=f1)
