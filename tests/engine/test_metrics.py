"""Metrics of an epoch against scikit-learn, in the target's own units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
)

from engine import Dense, Holdout, Model, NetworkSpec, Recipe, TrainingSpec
from engine.losses import MeanAbsoluteError
from engine.metrics import Scale, summarize
from tests.engine.samples import Run, classes_table, regression_table, run


def recipe(**options: Any) -> Recipe:
    return Recipe(
        network=NetworkSpec(layers=[Dense(units=4)]),
        training=TrainingSpec(epochs=3, batch_size=7, seed=1, precision="float64"),
        validation=Holdout(fraction=0.3),
        **options,
    )


def predict_validation(finished: Run, table: Any) -> Any:
    outline = finished.training.outline
    model = Model.from_state(outline.recipe, outline.task, outline.preprocessor, finished.state)
    held = table.take(outline.split.validation_indices)
    return held.columns["y"], model.predict(held), outline


@pytest.mark.parametrize("classes", [2, 3])
def test_classes(classes: int) -> None:
    table = classes_table(classes=classes)
    finished = run(recipe(), table)
    truth, prediction, outline = predict_validation(finished, table)
    metrics = finished.epochs[-1].validation
    assert metrics is not None
    assert metrics.keys() == {"loss", "accuracy"}
    assert metrics["accuracy"] == pytest.approx(accuracy_score(list(truth), prediction.values))
    expected = log_loss(list(truth), prediction.probabilities, labels=outline.task.classes)
    assert metrics["loss"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("loss", [None, MeanAbsoluteError()])
def test_numbers(loss: Any) -> None:
    table = regression_table()
    finished = run(recipe(loss=loss), table)
    truth, prediction, outline = predict_validation(finished, table)
    (scale,) = outline.preprocessor.target_units
    metrics = finished.epochs[-1].validation
    assert metrics is not None
    assert metrics.keys() == {"loss", "mae", "r2"}
    error = mean_absolute_error(truth, prediction.values)
    assert metrics["mae"] == pytest.approx(error, rel=1e-12)
    assert metrics["r2"] == pytest.approx(r2_score(truth, prediction.values), rel=1e-12)
    wanted = error / scale if loss else mean_squared_error(truth, prediction.values) / scale**2
    assert metrics["loss"] == pytest.approx(wanted, rel=1e-12)


def test_the_training_metrics_are_means_over_the_rows_of_the_epoch() -> None:
    """A last batch of one row counts as one row, not as one batch."""
    totals = np.array([6.0, 4.0, 3.0])
    assert summarize("binary", totals, None) == {"loss": 1.5, "accuracy": 0.75}


def test_r2_is_not_a_number_where_the_targets_do_not_vary() -> None:
    scale = Scale(np.array([2.0]), np.ones((4, 1)))
    metrics = summarize("regression", np.array([6.0, 4.0, 8.0, 16.0]), scale)
    assert metrics["mae"] == 4.0
    assert np.isnan(metrics["r2"])


def test_several_outputs_are_averaged() -> None:
    targets = np.array([[0.0, 1.0], [2.0, 5.0]])
    totals = np.array([0.0, 2.0, 1.0, 1.0, 4.0, 8.0])
    metrics = summarize("regression", totals, Scale(np.array([1.0, 10.0]), targets))
    assert metrics["mae"] == pytest.approx((0.5 + 20.0) / 2)
    assert metrics["r2"] == pytest.approx(((1 - 1 / 2) + (1 - 8 / 8)) / 2)
