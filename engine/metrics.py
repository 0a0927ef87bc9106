"""Metrics of an epoch, from sums that the compiled loop keeps.

``totals`` (float64) holds the sum of the loss, the number of rows, and then what the kernel of the
task adds: for classes, the number of rows whose answers are all right; for numbers, for every
output, the sum of the absolute and of the squared errors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernels import Array, Kernel

__all__ = ["LOSS", "METRICS", "ROWS", "Scale", "metrics_kernel", "summarize", "totals_size"]

LOSS, ROWS, METRICS = 0, 1, 2
"""Places in ``totals``: the sum of the loss, the rows seen, and the first sum for the metrics."""


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
    return METRICS + (2 * outputs if task == "regression" else 1)


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


def summarize(task: str, totals: NDArray[np.float64], scale: Scale | None) -> dict[str, float]:
    """The metrics by name: loss and accuracy, or loss, mae and r2.

    The loss is the mean over rows of what is minimised, without penalties. R2 is not a number
    where the targets do not vary.
    """
    rows = totals[ROWS]
    metrics = {"loss": float(totals[LOSS] / rows)}
    if scale is None:
        return metrics | {"accuracy": float(totals[METRICS] / rows)}
    absolute, squared = totals[METRICS::2] / rows, totals[METRICS + 1 :: 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        explained = np.where(scale.variation > 0, 1.0 - squared / scale.variation, np.nan)
    return metrics | {
        "mae": float(np.mean(absolute * scale.scale)),
        "r2": float(np.mean(explained)),
    }


def _accumulate_errors(prediction: Array, target: Array, totals: Array) -> None:
    """Add |y - t| and (y - t)^2 to the sums of each output."""
    rows, outputs = prediction.shape
    for i in range(rows):
        for j in range(outputs):
            error = np.float64(prediction[i, j]) - np.float64(target[i, j])
            totals[METRICS + 2 * j] += abs(error)
            totals[METRICS + 2 * j + 1] += error * error


def _accumulate_binary(prediction: Array, target: Array, totals: Array) -> None:
    """Count the rows in which every output is on the right side of one half."""
    rows, outputs = prediction.shape
    for i in range(rows):
        right = 1
        for j in range(outputs):
            if (prediction[i, j] >= 0.5) != (target[i, j] >= 0.5):
                right = 0
        totals[METRICS] += right


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
        totals[METRICS] += better == 0
