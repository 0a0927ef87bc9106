"""Weights of rows and classes in the estimators: what they mean, here and by a service."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_iris, load_linnerud
from sklearn.utils.estimator_checks import check_sample_weight_equivalence_on_dense_data

from trainyard import Client
from trainyard.sklearn import TrainyardClassifier, TrainyardRegressor

SMALL: dict[str, Any] = {"hidden_layer_sizes": (8,), "max_epochs": 30, "random_state": 7}
WHOLE: dict[str, Any] = {
    "batch_size": 1000,
    "max_epochs": 50,
    "recipe": {
        "preprocessing": {"numeric": {"scale": "none"}, "target_scale": "none"},
        "training": {"precision": "float64"},
    },
}
"""All rows in one batch, and columns as they are: a weight is then the same as repetitions."""


@pytest.fixture(scope="module")
def iris() -> tuple[Any, Any]:
    data = load_iris()
    return data.data, data.target_names[data.target]


def uneven(rows: int) -> NDArray[Any]:
    """Weights from 0 to 3."""
    weights: NDArray[Any] = np.arange(rows) % 7 / 2
    return weights


@pytest.mark.parametrize("estimator", [TrainyardClassifier, TrainyardRegressor])
def test_whole_weights_are_repetitions(estimator: type[Any]) -> None:
    """By scikit-learn's own check, which knows weights by another name."""

    class Weighed(estimator):  # type: ignore[misc]
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:  # noqa: N803
            return super().fit(X, y, row_weights=sample_weight)

    check_sample_weight_equivalence_on_dense_data(estimator.__name__, Weighed(**WHOLE))


def test_rows_without_weight_are_not_there(iris: tuple[Any, Any]) -> None:
    x, y = iris
    weights = uneven(len(x))
    there = weights > 0
    with_them = TrainyardClassifier(early_stopping=True, **SMALL).fit(x, y, weights)
    without = clone(with_them).fit(x[there], y[there], weights[there])
    assert (with_them.predict_proba(x) == without.predict_proba(x)).all()
    plain = clone(with_them).fit(x[there], y[there])
    assert (plain.predict_proba(x) != without.predict_proba(x)).any()


def test_a_service_weighs_the_same(service: Client, iris: tuple[Any, Any]) -> None:
    x, y = iris
    here = TrainyardClassifier(class_weight="balanced", early_stopping=True, **SMALL)
    here.fit(x[:120], y[:120], uneven(120))
    there = clone(here).set_params(client=service).fit(x[:120], y[:120], uneven(120))
    assert (there.predict_proba(x) == here.predict_proba(x)).all()
    spec = service.jobs.get(there.network_.job_id).spec
    assert spec["weighting"]["classes"] == "balanced"
    inputs = service.models.get(there.network_.model_id).inputs
    assert len(inputs) == x.shape[1], "weights are no input"


def test_several_targets_are_weighed_together(service: Client) -> None:
    x, y = load_linnerud(return_X_y=True)
    here = TrainyardRegressor(**SMALL).fit(x, y, uneven(len(x)))
    there = clone(here).set_params(client=service).fit(x, y, uneven(len(x)))
    assert (there.predict(x) == here.predict(x)).all()


def test_classes_are_weighed_by_their_labels(iris: tuple[Any, Any]) -> None:
    x, y = iris
    factors = {"virginica": 0.25, "setosa": 1.0, "versicolor": 4.0}
    by_class = TrainyardClassifier(class_weight=factors, **SMALL).fit(x, y)
    by_row = TrainyardClassifier(**SMALL).fit(x, y, [factors[label] for label in y])
    assert (by_class.predict_proba(x) == by_row.predict_proba(x)).all()
    balanced = TrainyardClassifier(class_weight="balanced", **SMALL).fit(x[20:], y[20:])
    plain = TrainyardClassifier(**SMALL).fit(x[20:], y[20:])
    assert (balanced.predict_proba(x) != plain.predict_proba(x)).any()


def test_the_recipe_adds_to_the_weights(iris: tuple[Any, Any]) -> None:
    x, y = iris[0][20:], iris[1][20:]
    told = TrainyardClassifier(recipe={"weighting": {"classes": "balanced"}}, **SMALL)
    same = TrainyardClassifier(class_weight="balanced", **SMALL)
    told.fit(x, y, uneven(len(x)))
    same.fit(x, y, uneven(len(x)))
    assert (told.predict_proba(x) == same.predict_proba(x)).all()


@pytest.mark.parametrize(
    ("weights", "hint"),
    [
        (np.zeros(150), "zero"),
        (np.full(150, -1.0), "[Nn]egative"),
        (np.full(150, np.nan), "NaN"),
        (np.ones(149), "149"),
        (np.repeat([1.0, 0.0], [50, 100]), "only one class"),
    ],
    ids=["zero", "negative", "missing", "short", "one class"],
)
def test_weights_that_make_no_sense(iris: tuple[Any, Any], weights: Any, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        TrainyardClassifier(**SMALL).fit(*iris, row_weights=weights)


@pytest.mark.parametrize(
    ("class_weight", "hint"),
    [
        ("even", "class_weight"),
        ({"pink": 2.0}, "not in class_weight"),
        ({"setosa": -1.0}, "setosa is -1.0"),
        ({"setosa": np.inf}, "setosa is inf"),
        (dict.fromkeys(["setosa", "versicolor", "virginica"], 0.0), "weight of 0"),
    ],
    ids=str,
)
def test_class_weights_that_make_no_sense(
    iris: tuple[Any, Any], class_weight: Any, hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        TrainyardClassifier(class_weight=class_weight, **SMALL).fit(*iris)
