"""Networks as scikit-learn estimators: its own checks, and what they do not look at."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, load_linnerud, make_moons
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from trainyard import Client
from trainyard.sklearn import TrainyardClassifier, TrainyardRegressor

CHECKS = """
import json
from sklearn.utils.estimator_checks import check_estimator
from trainyard import sklearn

results = check_estimator(sklearn.{}(), on_fail=None, on_skip=None)
assert len(results) > 50
print(json.dumps([
    (result["check_name"], result["status"], str(result["exception"]))
    for result in results
    if result["status"] != "passed"
]))
"""
SMALL: dict[str, Any] = {"hidden_layer_sizes": (8,), "max_epochs": 30, "random_state": 7}


@pytest.fixture(scope="module")
def iris() -> tuple[Any, Any]:
    data = load_iris()
    return data.data, data.target_names[data.target]


@pytest.mark.parametrize("estimator", ["TrainyardClassifier", "TrainyardRegressor"])
def test_scikit_learns_own_checks(estimator: str) -> None:
    """All pass, and none is skipped."""
    # SciPy reads the variable when it is imported; without it a check would be skipped.
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    answer = subprocess.run(
        [sys.executable, "-c", CHECKS.format(estimator)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == []


@pytest.mark.parametrize("early_stopping", [False, True])
def test_a_service_trains_the_same_network(
    service: Client, iris: tuple[Any, Any], early_stopping: bool
) -> None:
    x, y = iris
    x = np.where(np.arange(x.size).reshape(x.shape) % 11 == 0, np.nan, x)
    here = TrainyardClassifier(early_stopping=early_stopping, **SMALL).fit(x, y)
    there = clone(here).set_params(client=service).fit(x, y)
    assert (there.predict_proba(x) == here.predict_proba(x)).all()
    assert there.loss_curve_ == pytest.approx(here.loss_curve_)
    assert (there.validation_loss_curve_ is None) == (not early_stopping)
    assert service.models.get(there.network_.model_id).job_id == there.network_.job_id


def test_several_targets_by_a_service(service: Client) -> None:
    x, y = load_linnerud(return_X_y=True)
    here = TrainyardRegressor(**SMALL).fit(x, y)
    there = TrainyardRegressor(client=service.base_url, **SMALL).fit(x, y)
    assert here.predict(x).shape == y.shape
    assert (there.predict(x) == here.predict(x)).all()


def test_a_client_is_left_behind(service: Client, iris: tuple[Any, Any]) -> None:
    x, y = iris
    fitted = TrainyardClassifier(client=service, **SMALL).fit(x, y)
    assert clone(fitted).client is service
    again = pickle.loads(pickle.dumps(fitted))
    assert again.client == service.base_url
    assert (again.predict(x) == fitted.predict(x)).all()


def test_a_network_is_pickled_whole(iris: tuple[Any, Any]) -> None:
    x, y = iris
    fitted = TrainyardClassifier(recipe={"training": {"shuffle": False}}, **SMALL).fit(x, y)
    again = pickle.loads(pickle.dumps(fitted))
    assert (again.predict_proba(x) == fitted.predict_proba(x)).all()
    assert again.loss_curve_ == fitted.loss_curve_


def test_a_grid_is_searched() -> None:
    x, y = make_moons(200, noise=0.1, random_state=0)
    grid = {
        "hidden_layer_sizes": [(), (16, 16)],
        "learning_rate": np.array([0.01, 0.02]),
        "batch_size": np.array([16]),
    }
    search = GridSearchCV(TrainyardClassifier(max_epochs=100, random_state=0), grid, cv=3)
    search.fit(x, y)
    assert search.best_params_["hidden_layer_sizes"] == (16, 16)
    assert search.best_score_ > 0.95


def test_a_step_of_a_pipeline(iris: tuple[Any, Any]) -> None:
    model = make_pipeline(
        PolynomialFeatures(2), TrainyardClassifier(dropout=0.1, learning_rate=0.02, **SMALL)
    )
    assert cross_val_score(model, *iris, cv=3).mean() > 0.9


def test_early_stopping_holds_rows_out(iris: tuple[Any, Any]) -> None:
    model = TrainyardClassifier(
        early_stopping=True, patience=3, max_epochs=1000, learning_rate=0.03, random_state=0
    ).fit(*iris)
    unseen = model.validation_loss_curve_
    assert unseen is not None
    assert model.n_iter_ == len(model.loss_curve_) == len(unseen) < 1000
    best = int(np.argmin(unseen))
    assert model.n_iter_ == best + 1 + 3


def test_the_recipe_has_the_last_word(iris: tuple[Any, Any]) -> None:
    x, y = iris
    same = TrainyardClassifier(optimizer="sgd", learning_rate=0.1, alpha=0.01, **SMALL).fit(x, y)
    told = TrainyardClassifier(
        recipe={
            "optimizer": {"kind": "sgd", "learning_rate": 0.1},
            "regularizers": [{"kind": "l2", "strength": 0.01}],
        },
        **SMALL,
    ).fit(x, y)
    assert (told.predict_proba(x) == same.predict_proba(x)).all()
    shorter = clone(told).set_params(recipe={"training": {"epochs": 2}}).fit(x, y)
    assert shorter.n_iter_ == 2


@pytest.mark.parametrize(
    ("parameters", "hint"),
    [
        ({"optimizer": "adamm"}, "^optimizer: .*adamm"),
        ({"learning_rate": -1.0}, r"learning_rate: .*greater than 0, not -1\.0$"),
        ({"max_epochs": 0}, "epochs"),
        ({"early_stopping": True, "validation_fraction": 0.0001}, "leaves none|no row"),
    ],
)
def test_what_cannot_be_trained_is_told(
    iris: tuple[Any, Any], parameters: dict[str, Any], hint: str
) -> None:
    with pytest.raises(ValueError, match=hint):
        TrainyardClassifier(**parameters).fit(*iris)


def test_a_service_refuses_with_its_words(service: Client, iris: tuple[Any, Any]) -> None:
    with pytest.raises(ValueError, match="/optimizer"):
        TrainyardClassifier(optimizer="adamm", client=service).fit(*iris)
