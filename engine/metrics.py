"""Metrics of an epoch: what is measured, and the sums over rows that it is computed from.

``totals`` (float64) holds the sum of the loss, the number of rows, and then what the kernel of the
task adds: for classes, the number of rows that are predicted right; for numbers, for every output,
the sum of the absolute and of the squared errors.

A new metric is a function of these sums and a line in ``METRICS``: that a stopping rule may watch
it, that it is written, sent and drawn follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.kernels import Array, Kernel

__all__ = [
    "LOSS",
    "METRICS",
    "ROWS",
    "Metric",
    "MetricName",
    "Scale",
    "Sums",
    "is_larger_better",
    "metric_names",
    "metrics_kernel",
    "summarize",
    "totals_size",
]

LOSS, ROWS, TASK = 0, 1, 2
"""Indices in ``totals``: the sum of the loss, the number of rows, the first of the task's sums."""


_ROWS = 1 << 20
"""The number of targets that are converted to double precision at a time."""


def metrics_kernel(task: str) -> Kernel:
    """The kernel that adds to the sums of a kind of task (``accumulate_metrics``)."""
    return {
        "regression": _accumulate_errors,
        "binary": _accumulate_binary,
        "multiclass": _accumulate_classes,
        "multilabel": _accumulate_binary,
    }[task]


def totals_size(task: str, outputs: int) -> int:
    """The length of ``totals`` for a kind of task and a number of outputs."""
    return TASK + (2 * outputs if task == "regression" else 1)


class Scale:
    """What turns a regression's sums into the target's own units.

    ``scale`` is one unit of the scaled target in units of the raw one, per output; ``variation``
    the sum of squared deviations from the mean of the scaled targets, per output.
    """

    def __init__(self, scale: NDArray[Any], targets: NDArray[Any]) -> None:
        self.scale = np.asarray(scale, dtype=np.float64)
        self.variation = np.zeros(targets.shape[1])
        mean = targets.mean(axis=0, dtype=np.float64)
        for start in range(0, len(targets), _ROWS):
            centred = targets[start : start + _ROWS] - mean
            self.variation += np.einsum("ij,ij->j", centred, centred)


@dataclass(frozen=True)
class Sums:
    """The sums of one epoch over ``rows`` rows.

    ``loss`` is the sum of what is minimised, without penalties; ``task`` are the sums of the kind
    of task; ``scale`` is that of a regression's targets, and None for classes.
    """

    rows: float
    loss: float
    task: NDArray[np.float64]
    scale: Scale | None


@dataclass(frozen=True)
class Metric:
    """What an epoch is measured by: for these kinds of task, the ``value`` of its sums."""

    name: str
    tasks: tuple[str, ...]
    larger_is_better: bool
    value: Callable[[Sums], float]


def _mean_loss(sums: Sums) -> float:
    """The mean over rows of what is minimised, without penalties."""
    return float(sums.loss / sums.rows)


def _accuracy(sums: Sums) -> float:
    """The part of the rows that are predicted right; of several labels, all of them."""
    return float(sums.task[0] / sums.rows)


def _mean_absolute_error(sums: Sums) -> float:
    """The mean over rows and outputs of |y - t|, in the units of the targets."""
    return float(np.mean(sums.task[::2] / sums.rows * _scale(sums).scale))


def _determination(sums: Sums) -> float:
    """R^2 = 1 - sum (y - t)^2 / sum (t - mean t)^2, the mean over outputs.

    Not a number where the targets do not vary.
    """
    variation = _scale(sums).variation
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = np.where(variation > 0, 1.0 - sums.task[1::2] / variation, np.nan)
    return float(np.mean(explained))


def _scale(sums: Sums) -> Scale:
    if sums.scale is None:
        raise TypeError("The metrics of a regression need the scale of its targets.")
    return sums.scale


_NUMBERS = ("regression",)
_CLASSES = ("binary", "multiclass", "multilabel")

METRICS: tuple[Metric, ...] = (
    Metric("loss", _NUMBERS + _CLASSES, larger_is_better=False, value=_mean_loss),
    Metric("accuracy", _CLASSES, larger_is_better=True, value=_accuracy),
    Metric("mae", _NUMBERS, larger_is_better=False, value=_mean_absolute_error),
    Metric("r2", _NUMBERS, larger_is_better=True, value=_determination),
)
"""What is measured at the end of an epoch, in the order in which it is shown."""

if TYPE_CHECKING:
    MetricName = str
else:
    MetricName = Literal[tuple(metric.name for metric in METRICS)]


def metric_names(task: str) -> tuple[str, ...]:
    """The names of what is measured for a kind of task."""
    return tuple(metric.name for metric in METRICS if task in metric.tasks)


def is_larger_better(name: MetricName) -> bool:
    """Whether the larger of two values of a metric is the better one."""
    return next(metric.larger_is_better for metric in METRICS if metric.name == name)


def summarize(task: str, totals: NDArray[np.float64], scale: Scale | None) -> dict[str, float]:
    """The metrics by name: loss and accuracy, or loss, mae and r2."""
    sums = Sums(totals[ROWS], totals[LOSS], totals[TASK:], scale)
    return {metric.name: metric.value(sums) for metric in METRICS if task in metric.tasks}


def _accumulate_errors(prediction: Array, target: Array, totals: Array) -> None:
    """Add |y - t| and (y - t)^2 to the sums of each output."""
    rows, outputs = prediction.shape
    for i in range(rows):
        for j in range(outputs):
            error = np.float64(prediction[i, j]) - np.float64(target[i, j])
            totals[TASK + 2 * j] += abs(error)
            totals[TASK + 2 * j + 1] += error * error


def _accumulate_binary(prediction: Array, target: Array, totals: Array) -> None:
    """Count the rows in which every output is on the right side of one half."""
    rows, outputs = prediction.shape
    for i in range(rows):
        right = 1
        for j in range(outputs):
            if (prediction[i, j] >= 0.5) != (target[i, j] >= 0.5):
                right = 0
        totals[TASK] += right


def _accumulate_classes(prediction: Array, target: Array, totals: Array) -> None:
    """How often the most probable class (the first of equals) is the right one.

    It counts what beats the right class, without a branch that depends on the data.
    """
    rows, classes = prediction.shape
    for i in range(rows):
        right = np.int64(target[i, 0])
        own, better = prediction[i, right], 0
        for j in range(classes):
            other = prediction[i, j]
            better += (other > own) | ((other == own) & (j < right))
        totals[TASK] += better == 0
