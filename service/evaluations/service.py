"""How well answers fit the truth, by scikit-learn's definitions."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from engine import Prediction, Table, Task
from engine.data.table import Rows
from engine.data.task import EVEN_ODDS
from service.evaluations.schemas import (
    AverageScores,
    ClassificationScores,
    ClassScores,
    LabelScores,
    MultilabelScores,
    RegressionScores,
    Scores,
    TargetScores,
)

__all__ = ["evaluate", "judge"]


def evaluate(prediction: Prediction, table: Table, task: Task) -> Scores:
    """Compare predictions for all rows of a table with its targets.

    Raises InvalidData, naming row and column, where the target is a class the model cannot know.
    """
    if task.kind == "regression":
        return judge(task.values(table), np.asarray(prediction.values, np.float64), task)
    return judge(task.codes(table), np.asarray(prediction.probabilities, np.float64), task)


def judge(truth: NDArray[Any], outputs: NDArray[np.float64], task: Task) -> Scores:
    """Compare what networks gave for some rows with what is right.

    ``truth`` are the places of classes, (rows,), of labels, (rows, targets), or numbers;
    ``outputs`` the probabilities of every class, (rows, classes), of each label, (rows, targets),
    or numbers.
    """
    if task.kind == "regression":
        shape = (len(truth), len(task.targets))
        return _regression(truth.reshape(shape), outputs.reshape(shape), task.targets)
    if task.kind == "multilabel":
        return _multilabel(truth, outputs, task.targets)
    return _classification(truth, outputs, task.classes)


def _regression(
    truth: NDArray[np.float64], answers: NDArray[np.float64], targets: Sequence[str]
) -> RegressionScores:
    """Of several targets each by itself, and the means of all: not that of the roots."""
    each = [
        _one_target(name, truth[:, place], answers[:, place]) for place, name in enumerate(targets)
    ]
    explained = [scores.r2 for scores in each if scores.r2 is not None]
    squared = fmean(scores.mse for scores in each)
    return RegressionScores(
        kind="regression",
        mse=squared,
        mae=fmean(scores.mae for scores in each),
        rmse=squared**0.5,
        r2=fmean(explained) if len(explained) == len(each) else None,
        per_target=each,
    )


def _one_target(
    name: str, truth: NDArray[np.float64], answers: NDArray[np.float64]
) -> TargetScores:
    squared = float(metrics.mean_squared_error(truth, answers))
    varies = len(truth) > 1 and np.ptp(truth) > 0
    return TargetScores(
        target=name,
        mse=squared,
        mae=float(metrics.mean_absolute_error(truth, answers)),
        rmse=squared**0.5,
        r2=float(metrics.r2_score(truth, answers)) if varies else None,
    )


def _multilabel(
    truth: NDArray[np.int64], probabilities: NDArray[np.float64], targets: Sequence[str]
) -> MultilabelScores:
    answers = (probabilities >= EVEN_ODDS).astype(np.int64)
    each = [
        _one_label(name, truth[:, place], answers[:, place], probabilities[:, place])
        for place, name in enumerate(targets)
    ]
    areas = [scores.roc_auc for scores in each if scores.roc_auc is not None]
    return MultilabelScores(
        kind="multilabel",
        loss=_cross_entropy(truth.ravel(), _of_both(probabilities.ravel())),
        accuracy=float((answers == truth).all(axis=1).mean()),
        hamming_loss=float(metrics.hamming_loss(truth, answers)),
        roc_auc=fmean(areas) if areas else None,
        per_target=each,
        macro=_average(truth, answers, None, "macro"),
        micro=_average(truth, answers, None, "micro"),
    )


def _one_label(
    name: str, truth: Rows, answers: Rows, probabilities: NDArray[np.float64]
) -> LabelScores:
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, answers, average="binary", zero_division=0
    )
    return LabelScores(
        target=name,
        accuracy=float(np.mean(answers == truth)),
        precision=precision,
        recall=recall,
        f1=f1,
        support=int(truth.sum()),
        roc_auc=_roc_auc(truth, _of_both(probabilities)),
    )


def _of_both(second: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probabilities of both classes, shape (rows, 2), from those of the second."""
    return np.stack([1 - second, second], axis=1)


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


def _average(
    truth: Rows, answers: Rows, labels: NDArray[np.int64] | None, how: str
) -> AverageScores:
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(
        truth, answers, labels=labels, average=how, zero_division=0
    )
    return AverageScores(precision=precision, recall=recall, f1=f1)
