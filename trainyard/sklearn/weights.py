"""Weights of rows and classes: from what scikit-learn takes to what the engine does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_array, check_consistent_length

Array = NDArray[Any]


def weighed(x: Array, y: Array, row_weights: Any) -> tuple[Array, Array, Array | None]:
    """The rows that count, with the weight of each; None where all count alike.

    A row without weight is left out: it has no part in scaling or in what is held out either.
    Raises ValueError unless there is a number of 0 or more for every row, and one above 0.
    """
    if row_weights is None:
        return x, y, None
    weights: Array = check_array(
        row_weights,
        ensure_2d=False,
        dtype=np.float64,
        ensure_non_negative=True,
        input_name="row_weights",
    )
    check_consistent_length(x, weights)
    if weights.ndim != 1:
        raise ValueError(f"row_weights should be a list of numbers, not {weights.ndim}-dimensional")
    counts = weights > 0
    if not counts.any():
        raise ValueError("row_weights are zero for every row: nothing can be learnt")
    if counts.all():
        return x, y, weights
    return x[counts], y[counts], weights[counts]


def class_weighting(class_weight: Any, classes: Array, y: Array) -> Mapping[str, Any]:
    """Members of a job's ``weighting``; classes are named by their places in ``classes``.

    Raises ValueError for what scikit-learn does not take as weights of these classes.
    """
    if class_weight is None:
        return {}
    weights = compute_class_weight(class_weight, classes=classes, y=y)
    if isinstance(class_weight, str):
        return {"classes": class_weight}  # "balanced", which the engine counts on training rows
    for label, weight in zip(classes, weights, strict=True):
        if not (weight >= 0 and np.isfinite(weight)):
            raise ValueError(f"class_weight of {label} is {weight}: it should be 0 or more")
    given = {str(place): float(weight) for place, weight in enumerate(weights)}
    return {"classes": "given", "class_weights": given}
