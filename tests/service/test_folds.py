"""Cross-validation over HTTP: planned, trained, its folds and what they predict."""

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from tests.plugins.servers import Served
from tests.service.ended import train

JOB: dict[str, Any] = {
    "dataset": {"kind": "iris"},
    "network": {"layers": [{"kind": "dense", "units": 5}]},
    "training": {"epochs": 4, "batch_size": 16, "seed": 3},
    "validation": {"kind": "k_fold", "folds": 3, "repeats": 2},
}


@pytest.fixture(scope="module")
def job(training: Served) -> dict[str, Any]:
    return train(training, **JOB)


def test_a_plan_tells_of_the_folds(training: Served) -> None:
    plan = training.client.post("/v1/jobs?validate_only=true", json=JOB).json()
    assert (plan["folds"], plan["train_rows"], plan["validation_rows"]) == (6, 100, 50)
    assert plan["spec"]["validation"]["refit"] is True


def test_every_fold_has_its_curve(training: Served, job: dict[str, Any]) -> None:
    where = f"/v1/jobs/{job['id']}/epochs"
    rows = training.client.get(where).json()["data"]
    folds = [1, 2, 3, 4, 5, 6, 0]
    places = [(row["fold"], row["epoch"]) for row in rows]
    assert places == [(fold, epoch) for fold in folds for epoch in (1, 2, 3, 4)]
    assert [row["validation"] is None for row in rows] == [row["fold"] == 0 for row in rows]
    second = training.client.get(f"{where}?fold=2").json()["data"]
    assert second == rows[4:8]
    assert training.client.get(f"{where}?fold=2&max_points=8").json()["data"] == second
    assert training.client.get(f"{where}?max_points=100").json()["data"] == rows
    assert job["progress"]["epoch"] == job["progress"]["epochs"] == 28
    assert (job["best"]["fold"], job["best"]["epoch"]) == (0, 4)


def test_mean_and_deviation_are_those_of_the_folds(training: Served, job: dict[str, Any]) -> None:
    told = training.client.get(f"/v1/jobs/{job['id']}/folds").json()
    assert told["folds"] == len(told["data"]) == 6
    assert [fold["repeat"] for fold in told["data"]] == [1, 1, 1, 2, 2, 2]
    for part in ("train", "validation"):
        for metric, spread in told[part].items():
            values = [fold[part][metric] for fold in told["data"]]
            assert spread["mean"] == pytest.approx(np.mean(values))
            assert spread["deviation"] == pytest.approx(np.std(values, ddof=1))
    epochs = training.client.get(f"/v1/jobs/{job['id']}/epochs?fold=4").json()["data"]
    best = min(epochs, key=lambda row: row["validation"]["loss"])
    assert told["data"][3]["best_epoch"] == best["epoch"]
    assert told["data"][3]["validation"] == best["validation"]


def test_out_of_fold_predictions_are_those_that_were_measured(
    training: Served, job: dict[str, Any]
) -> None:
    where = f"/v1/jobs/{job['id']}/out_of_fold"
    told = training.client.get(where).json()
    assert told["total"] == len(told["data"]) == 300
    folds = training.client.get(f"/v1/jobs/{job['id']}/folds").json()["data"]
    for fold in folds:
        own = [row for row in told["data"] if row["fold"] == fold["fold"]]
        right = np.mean([row["truth"] == row["prediction"] for row in own])
        assert right == pytest.approx(fold["validation"]["accuracy"])
    for repeat in (1, 2):
        rows = [row["row"] for row in told["data"] if row["repeat"] == repeat]
        assert sorted(rows) == list(range(150))
    source = f"/v1/datasets/{job['dataset']['id']}/rows?limit=200"
    dataset = training.client.get(source).json()["data"]
    assert all(dataset[row["row"]][told["target"]] == row["truth"] for row in told["data"])
    queries = [f"offset={at}&limit=70" for at in range(0, 350, 70)]
    pages = [training.client.get(f"{where}?{query}").json()["data"] for query in queries]
    assert [row for page in pages for row in page] == told["data"]


def test_a_cross_validation_is_evaluated_out_of_fold(training: Served, job: dict[str, Any]) -> None:
    where = f"/v1/jobs/{job['id']}/out_of_fold"
    rows = training.client.get(where).json()["data"]
    told = training.client.get(f"{where}/evaluation", params={"answers": 10_000}).json()
    assert (told["folds"], told["rows"]) == (6, 300)
    truth = [row["truth"] for row in rows]
    said = [row["prediction"] for row in rows]
    names = [each["label"] for each in told["scores"]["per_class"]]
    expected = metrics.confusion_matrix(truth, said, labels=names).tolist()
    assert told["scores"]["confusion_matrix"] == expected
    probabilities = np.array([row["probabilities"] for row in rows])
    loss = metrics.log_loss(truth, probabilities / probabilities.sum(axis=1, keepdims=True))
    assert told["scores"]["loss"] == pytest.approx(loss)
    assert told["answers"] == {
        "truth": truth,
        "predictions": said,
        "probabilities": probabilities.tolist(),
    }
    few = training.client.get(f"{where}/evaluation", params={"answers": 7}).json()
    assert few["scores"] == told["scores"]
    assert len(few["answers"]["truth"]) == 7
    assert training.client.get(f"{where}/evaluation").json()["answers"] is None


def test_numbers_out_of_fold(training: Served) -> None:
    members = JOB | {"dataset": {"kind": "diabetes"}, "validation": {"kind": "k_fold", "folds": 2}}
    job = train(training, **members)
    told = training.client.get(f"/v1/jobs/{job['id']}/out_of_fold").json()["data"]
    (first, _) = training.client.get(f"/v1/jobs/{job['id']}/folds").json()["data"]
    own = [row for row in told if row["fold"] == 1]
    error = np.mean([abs(row["truth"] - row["prediction"]) for row in own])
    assert error == pytest.approx(first["validation"]["mae"], rel=1e-4)
    assert own[0]["probabilities"] is None
    scores = training.client.get(f"/v1/jobs/{job['id']}/out_of_fold/evaluation").json()["scores"]
    truth, said = ([row[name] for row in told] for name in ("truth", "prediction"))
    assert scores["mae"] == pytest.approx(metrics.mean_absolute_error(truth, said))
    assert scores["r2"] == pytest.approx(metrics.r2_score(truth, said))


def test_the_best_fold_is_the_model_without_a_last_training(training: Served) -> None:
    members = JOB | {"validation": {"kind": "k_fold", "folds": 3, "refit": False}}
    job = train(training, **members)
    folds = training.client.get(f"/v1/jobs/{job['id']}/folds").json()["data"]
    best = min(folds, key=lambda fold: fold["validation"]["loss"])
    assert (job["best"]["fold"], job["best"]["epoch"]) == (best["fold"], best["best_epoch"])
    asked = f"/v1/models/{job['model_id']}/evaluations"
    scores = training.client.post(asked, json={"part": "validation"}).json()
    assert scores["rows"] == 50
    assert scores["scores"]["accuracy"] == pytest.approx(best["validation"]["accuracy"])
    epoch = best["best_epoch"]
    again = training.client.post(f"{asked}?checkpoint={epoch}", json={"part": "validation"}).json()
    assert again["scores"] == scores["scores"]


def test_one_row_is_left_out_at_a_time(training: Served) -> None:
    records = [{"x": float(k), "y": 2.0 * k} for k in range(8)]
    answer = training.client.post("/v1/datasets", json={"records": records, "target": "y"})
    assert answer.status_code == 201, answer.text
    job = train(
        training,
        dataset=answer.json()["id"],
        training={"epochs": 2, "seed": 1},
        validation="leave_one_out",
    )
    told = training.client.get(f"/v1/jobs/{job['id']}/out_of_fold").json()["data"]
    assert sorted(row["row"] for row in told) == list(range(8))


@pytest.mark.parametrize(
    ("validation", "pointer"),
    [
        ({"kind": "k_fold", "folds": 1}, "/validation/folds"),
        ({"kind": "k_fold", "folds": 60, "repeats": 0}, "/validation/repeats"),
        ({"kind": "leave_one_out", "folds": 3}, "/validation/folds"),
        ({"kind": "k_fold", "fraction": 0.2}, "/validation/fraction"),
    ],
)
def test_what_cannot_be_cross_validated(
    training: Served, validation: dict[str, Any], pointer: str
) -> None:
    answer = training.client.post("/v1/jobs", json=JOB | {"validation": validation})
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


def test_jobs_that_do_not_cross_validate_have_no_folds(training: Served) -> None:
    job = train(training, dataset={"kind": "xor"}, training={"epochs": 1, "seed": 1})
    told = training.client.get(f"/v1/jobs/{job['id']}/folds").json()
    assert told == {"folds": 0, "data": [], "train": {}, "validation": {}}
    empty = training.client.get(f"/v1/jobs/{job['id']}/out_of_fold").json()
    assert (empty["data"], empty["total"]) == ([], 0)
    refused = training.client.get(f"/v1/jobs/{job['id']}/out_of_fold/evaluation")
    assert (refused.status_code, "k_fold" in refused.json()["detail"]) == (409, True)
    for word in ("folds", "out_of_fold", "out_of_fold/evaluation"):
        missing = training.client.get(f"/v1/jobs/job_{'0' * 26}/{word}")
        assert missing.status_code == 404
