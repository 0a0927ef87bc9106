"""From the parameters of an estimator to the members of a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def job_members(estimator: Any, seed: int, weighting: Mapping[str, Any]) -> dict[str, Any]:
    """What the service is sent, besides the dataset, and what the engine reads as a recipe."""
    given = dict(estimator.recipe or {})
    members: dict[str, Any] = {
        "network": {"layers": _layers(estimator)},
        "optimizer": _optimizer(estimator.optimizer, estimator.learning_rate),
        "training": {
            "epochs": estimator.max_epochs,
            "batch_size": estimator.batch_size,
            "seed": seed,
            **given.pop("training", {}),
        },
        "validation": {"kind": "none"},
    }
    if weighting := {**weighting, **given.pop("weighting", {})}:
        members["weighting"] = weighting
    if estimator.schedule is not None:
        members["schedule"] = estimator.schedule
    if estimator.alpha:
        members["regularizers"] = [{"kind": "l2", "strength": estimator.alpha}]
    if estimator.early_stopping:
        members["validation"] = {"kind": "holdout", "fraction": estimator.validation_fraction}
        members["stopping"] = [{"kind": "early_stopping", "patience": estimator.patience}]
    plain: dict[str, Any] = _plain(members | given)
    return plain


def _layers(estimator: Any) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    for units in np.atleast_1d(estimator.hidden_layer_sizes).tolist():
        layers.append({"kind": "dense", "units": units, "activation": estimator.activation})
        if estimator.dropout:
            layers.append({"kind": "dropout", "rate": estimator.dropout})
    return layers


def _optimizer(optimizer: str | Mapping[str, Any], learning_rate: float | None) -> dict[str, Any]:
    """With its settings; a rate that is given by itself is the one that counts."""
    settings = {"kind": optimizer} if isinstance(optimizer, str) else dict(optimizer)
    return settings if learning_rate is None else settings | {"learning_rate": learning_rate}


def _plain(value: Any) -> Any:
    """Without values of NumPy, which grids of parameters are full of."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value
