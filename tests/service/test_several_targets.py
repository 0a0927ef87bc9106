"""Several targets over HTTP: datasets, jobs, and everything that is asked of their models."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from tests.plugins.servers import Served
from tests.service.ended import train

SHAPE: dict[str, Any] = {
    "network": {"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}]},
    "training": {"epochs": 30, "batch_size": 16, "seed": 3, "precision": "float64"},
    "optimizer": {"kind": "adam", "learning_rate": 0.02},
}
VITALS = ["weight", "waist", "pulse"]
CIRCLES = ["circle1", "circle2", "circle3"]


@pytest.fixture(scope="module")
def regressor(training: Served) -> dict[str, Any]:
    return train(training, dataset={"kind": "linnerud"}, **SHAPE)


@pytest.fixture(scope="module")
def labeller(training: Served) -> dict[str, Any]:
    return train(
        training,
        dataset={"kind": "venn", "samples": 300},
        validation={"kind": "k_fold", "folds": 3},
        **SHAPE,
    )


def ask(served: Served, job: dict[str, Any], word: str, **body: Any) -> dict[str, Any]:
    answer = served.client.post(f"/v1/models/{job['model_id']}/{word}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert (told.get("target"), told.get("targets", job["targets"])) == (None, job["targets"])
    return told


def rows_of(served: Served, job: dict[str, Any]) -> list[dict[str, Any]]:
    where = f"/v1/datasets/{job['dataset']['id']}/rows?limit=1000"
    rows: list[dict[str, Any]] = served.client.get(where).json()["data"]
    return rows


def test_what_is_to_be_predicted_is_told(
    training: Served, regressor: dict[str, Any], labeller: dict[str, Any]
) -> None:
    for job, targets, kind, classes in (
        (regressor, VITALS, "regression", []),
        (labeller, CIRCLES, "multilabel", [False, True]),
    ):
        assert (job["target"], job["targets"]) == (None, targets)
        model = training.client.get(f"/v1/models/{job['model_id']}").json()
        wanted = {"kind": kind, "target": None, "targets": targets, "classes": classes}
        assert model["task"] == wanted
        assert not {each["name"] for each in model["inputs"]} & set(targets)
        dataset = training.client.get(f"/v1/datasets/{job['dataset']['id']}").json()
        assert dataset["task"] == wanted


def test_predictions_and_evaluations_of_numbers(
    training: Served, regressor: dict[str, Any]
) -> None:
    rows = rows_of(training, regressor)
    answers = ask(training, regressor, "predictions", records=rows)
    assert np.shape(answers["predictions"]) == (20, 3)
    assert answers["classes"] is answers["probabilities"] is None
    truth = np.array([[row[name] for name in VITALS] for row in rows])
    told = ask(training, regressor, "evaluations", data={"records": rows})["scores"]
    assert told["kind"] == "regression"
    assert [each["target"] for each in told["per_target"]] == VITALS
    np.testing.assert_allclose(
        [each["r2"] for each in told["per_target"]],
        metrics.r2_score(truth, answers["predictions"], multioutput="raw_values"),
    )
    assert told["mse"] == pytest.approx(metrics.mean_squared_error(truth, answers["predictions"]))
    assert told["r2"] == pytest.approx(metrics.r2_score(truth, answers["predictions"]))


def test_predictions_and_evaluations_of_labels(training: Served, labeller: dict[str, Any]) -> None:
    rows = rows_of(training, labeller)
    answers = ask(training, labeller, "predictions", records=rows)
    chances = np.array(answers["probabilities"])
    given = np.array(answers["predictions"])
    assert answers["classes"] == [False, True]
    np.testing.assert_array_equal(given, chances >= 0.5)
    truth = np.array([[row[name] for name in CIRCLES] for row in rows])
    told = ask(training, labeller, "evaluations", data={"records": rows})["scores"]
    assert told["accuracy"] == pytest.approx(metrics.accuracy_score(truth, given))
    assert told["hamming_loss"] == pytest.approx(metrics.hamming_loss(truth, given))
    assert told["micro"]["f1"] == pytest.approx(metrics.f1_score(truth, given, average="micro"))
    assert told["macro"]["f1"] == pytest.approx(metrics.f1_score(truth, given, average="macro"))
    area = metrics.roc_auc_score(truth, chances, average="macro")
    assert told["roc_auc"] == pytest.approx(area)
    assert told["hamming_loss"] < 0.2
    single = [metrics.precision_score(truth[:, k], given[:, k]) for k in range(3)]
    np.testing.assert_allclose([each["precision"] for each in told["per_target"]], single)
    spread = np.stack([1 - chances.ravel(), chances.ravel()], axis=1)
    assert told["loss"] == pytest.approx(metrics.log_loss(truth.ravel(), spread))


def test_out_of_fold_rows_tell_every_target(training: Served, labeller: dict[str, Any]) -> None:
    where = f"/v1/jobs/{labeller['id']}"
    told = training.client.get(f"{where}/out_of_fold?limit=1000").json()
    assert (told["target"], told["targets"]) == (None, CIRCLES)
    rows = rows_of(training, labeller)
    for each in told["data"]:
        assert each["truth"] == [rows[each["row"]][name] for name in CIRCLES]
        assert each["prediction"] == [chance >= 0.5 for chance in each["probabilities"]]
    found = training.client.get(f"{where}/folds").json()["validation"]["accuracy"]["mean"]
    right = [each["truth"] == each["prediction"] for each in told["data"]]
    assert np.mean(right) == pytest.approx(found)
    scores = training.client.get(f"{where}/out_of_fold/evaluation").json()["scores"]
    assert scores["accuracy"] == np.mean(right)
    assert [each["target"] for each in scores["per_target"]] == list(CIRCLES)


def test_looking_into_it(
    training: Served, regressor: dict[str, Any], labeller: dict[str, Any]
) -> None:
    rows = rows_of(training, regressor)[:5]
    told = ask(training, regressor, "trace", records=rows)
    offsets = np.array([scale["offset"] for scale in told["target_scales"]])
    scales = np.array([scale["scale"] for scale in told["target_scales"]])
    truth = [[row[name] for name in VITALS] for row in rows]
    np.testing.assert_allclose(np.array(told["y"]["values"]) * scales + offsets, truth)
    assert np.shape(told["y_hat"]["values"]) == (5, 3)
    listening = ask(training, regressor, "importances")
    assert listening["score"] == "r2"
    assert all(len(each["sensitivity"]) == 3 for each in listening["inputs"])
    labels = rows_of(training, labeller)[:20]
    assert ask(training, labeller, "gradient_check", records=labels)["passed"]
    assert ask(training, labeller, "trace", records=labels)["target_scales"] is None
    assert ask(training, labeller, "importances", part="train")["score"] == "accuracy"
    lines = {"kind": "random", "dimensions": 1}
    line = ask(training, labeller, "landscape", directions=lines, part="train")
    assert line["loss"] < 0.6


CSV = b"a,b,c,d\n1,2,yes,no\n2,4.5,no,no\n3,1,yes,yes\n4,3.5,no,yes\n"


def test_targets_of_files_and_rows(training: Served) -> None:
    send = training.client.post
    form = send("/v1/datasets", files={"file": CSV}, data={"target": ["c", "d"]}).json()
    assert form["task"]["targets"] == ["c", "d"]
    assert form["task"]["classes"] == ["no", "yes"]
    records = [{"a": 1, "b": 0.5, "c": 2}, {"a": 2, "b": 0.25, "c": 7}, {"a": 3, "b": 1, "c": 1}]
    body = {"records": records, "targets": ["b", "c"]}
    rows = send("/v1/datasets", json=body).json()
    assert (rows["task"]["kind"], rows["task"]["targets"]) == ("regression", ["b", "c"])
    assert send("/v1/datasets", json=body).json()["id"] == rows["id"]
    single = send("/v1/datasets", json=body | {"targets": ["b"]}).json()
    assert (single["task"]["target"], single["task"]["targets"]) == ("b", ["b"])
    job = {"dataset": rows["id"], "targets": ["a", "b"], "validation": "none"}
    plan = send("/v1/jobs?validate_only=true", json=job).json()
    assert (plan["targets"], plan["features"]) == (["a", "b"], ["c"])
    assert plan["layers"][-1]["output_shape"] == [2]


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"target": "weight", "targets": ["waist"]}, "/targets"),
        ({"targets": ["waist", "waist"]}, "/targets"),
        ({"targets": []}, "/targets"),
        ({"targets": ["waist", 3]}, "/targets/1"),
        ({"targets": ["waist", "wiast"]}, "/targets/1"),
        ({"targets": ["waist", "pulse"], "task": "classification"}, "/targets/0"),
        ({"loss": "cross_entropy"}, "/loss"),
        ({"preprocessing": {"drop": ["waist"]}}, "/preprocessing/drop/0"),
        ({"weighting": {"classes": "balanced"}}, "/weighting/classes"),
        ({"weighting": {"column": "waist"}}, "/weighting/column"),
        ({"loss": "poisson", "preprocessing": {"drop": ["nothing"]}}, "/preprocessing/drop/0"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(
    training: Served, members: dict[str, Any], pointer: str
) -> None:
    body = {"dataset": {"kind": "linnerud"}} | members
    answer = training.client.post("/v1/jobs", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_row_without_one_of_the_targets_cannot_be_evaluated(
    training: Served, regressor: dict[str, Any]
) -> None:
    rows = rows_of(training, regressor)[:3]
    rows[1]["waist"] = None
    told = ask(training, regressor, "evaluations", data={"records": rows})
    assert told["rows"] == 2
    lacking = {
        "records": [
            {name: row[name] for name in ("chins", "situps", "jumps", "pulse")} for row in rows
        ]
    }
    answer = training.client.post(
        f"/v1/models/{regressor['model_id']}/evaluations", json={"data": lacking}
    )
    assert answer.status_code == 422
