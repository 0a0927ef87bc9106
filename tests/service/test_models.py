"""What a job leaves behind: epochs, checkpoints, a model that predicts and can be evaluated."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load
from sklearn import metrics

from tests.plugins.servers import Served
from tests.service.ended import ended, train

TABLE = b"""size,colour,kind,price
1.0,red,a,10.5
2.0,green,b,20.5
3.0,,a,30.0
,red,b,41.0
5.0,green,a,50.5
"""
EPOCHS = 40


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """The rows of TABLE, many times over."""
    once = [
        {
            "size": float(row["size"]) if row["size"] else None,
            "colour": row["colour"] or None,
            "kind": row["kind"],
            "price": float(row["price"]),
        }
        for row in csv.DictReader(io.StringIO(TABLE.decode()))
    ]
    return once * 20


@pytest.fixture(scope="module")
def dataset(training: Served, rows: list[dict[str, Any]]) -> str:
    answer = training.client.post("/v1/datasets", json={"records": rows, "target": "kind"})
    identifier: str = answer.json()["id"]
    return identifier


@pytest.fixture(scope="module")
def classifier(training: Served, dataset: str) -> dict[str, Any]:
    """An ended job that learnt the column ``kind``."""
    return train(
        training,
        dataset=dataset,
        network={"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}]},
        optimizer={"kind": "adam", "learning_rate": 0.02},
        training={"epochs": EPOCHS, "seed": 3, "batch_size": 16},
        checkpoints={"every": 10, "keep": 2},
    )


@pytest.fixture(scope="module")
def regressor(training: Served, dataset: str) -> dict[str, Any]:
    """An ended job that learnt the column ``price``."""
    return train(training, dataset=dataset, target="price", training={"epochs": 20, "seed": 3})


@pytest.fixture
def model(classifier: dict[str, Any]) -> str:
    return f"/v1/models/{classifier['model_id']}"


def test_a_finished_job_tells_how_it_went(classifier: dict[str, Any]) -> None:
    assert classifier["stop_reason"] == "completed"
    assert classifier["progress"]["fraction"] == 1
    assert classifier["latest"]["epoch"] == EPOCHS
    assert classifier["best"]["validation"]["loss"] <= classifier["latest"]["validation"]["loss"]
    assert classifier["fingerprint"]


def test_epochs_come_in_order_and_in_pages(training: Served, classifier: dict[str, Any]) -> None:
    path = f"/v1/jobs/{classifier['id']}/epochs"
    page = training.client.get(f"{path}?limit=15").json()
    assert [row["epoch"] for row in page["data"]] == list(range(1, 16))
    rest = training.client.get(path, params={"after": page["next_cursor"]}).json()
    assert [row["epoch"] for row in rest["data"]] == list(range(16, EPOCHS + 1))
    assert rest["next_cursor"] is None
    assert set(page["data"][0]["train"]) == {"loss", "accuracy"}
    assert page["data"][0]["non_finite"] is None


def test_a_curve_is_thinned_out_between_its_ends(
    training: Served, classifier: dict[str, Any]
) -> None:
    path = f"/v1/jobs/{classifier['id']}/epochs?max_points=10"
    shown = [row["epoch"] for row in training.client.get(path).json()["data"]]
    assert len(shown) <= 10
    assert (shown[0], shown[-1]) == (1, EPOCHS)


def test_events_have_no_gap_and_end(training: Served, classifier: dict[str, Any]) -> None:
    path = f"/v1/jobs/{classifier['id']}/events"
    page = training.client.get(f"{path}?limit=1000").json()
    assert [event["seq"] for event in page["data"]] == list(range(1, classifier["seq"] + 1))
    assert page["next_cursor"] is None
    epochs = [event for event in page["data"] if event["type"] == "epoch"]
    assert len(epochs) == EPOCHS


def test_the_best_the_last_and_some_checkpoints_are_kept(
    training: Served, classifier: dict[str, Any]
) -> None:
    path = f"/v1/jobs/{classifier['id']}/checkpoints"
    page = training.client.get(path).json()
    kept = {row["epoch"]: row for row in page["data"]}
    assert {30, 40} <= kept.keys()
    assert 10 not in kept
    assert next(row for row in page["data"] if row["last"])["epoch"] == EPOCHS
    best = next(row for row in page["data"] if row["best"])
    assert best["epoch"] == classifier["best"]["epoch"]
    one = training.client.get(f"{path}/30").json()
    assert one == kept[30]
    assert one["metrics"]["epoch"] == 30
    assert training.client.get(f"{path}/10").status_code == 404
    first = training.client.get(f"{path}?limit=1").json()
    second = training.client.get(f"{path}?limit=1&cursor={first['next_cursor']}").json()
    assert second["data"] == page["data"][1:2]


def test_weights_are_safetensors(training: Served, classifier: dict[str, Any], model: str) -> None:
    best = load(training.client.get(f"{model}/weights").content)
    # size, and three colours with the missing one, an unknown one, and the price
    assert best["layers.0.weight"].shape[0] == 8
    assert best["output.bias"].shape == (1,)
    job = f"/v1/jobs/{classifier['id']}"
    late = load(training.client.get(f"{job}/checkpoints/40/weights").content)
    same = load(training.client.get(f"{model}/weights?checkpoint=40").content)
    for name, values in late.items():
        np.testing.assert_array_equal(values, same[name])
    assert training.client.get(f"{model}/weights?checkpoint=11").status_code == 404


def test_a_model_says_what_it_wants(
    training: Served, classifier: dict[str, Any], model: str
) -> None:
    found = training.client.get(model).json()
    assert found["job_id"] == classifier["id"]
    task = {"kind": "binary", "target": "kind", "targets": ["kind"], "classes": ["a", "b"]}
    assert found["task"] == task
    assert [(column["name"], column["kind"]) for column in found["inputs"]] == [
        ("size", "float"),
        ("colour", "string"),
        ("price", "float"),
    ]
    assert found["final"] is True
    assert found["checkpoint"]["epoch"] == classifier["best"]["epoch"]
    listed = training.client.get("/v1/models?limit=200").json()["data"]
    assert found.pop("sparsity")["share"] == 0
    assert found in listed


def test_predictions_of_records_and_of_a_matrix_agree(
    training: Served, model: str, rows: list[dict[str, Any]]
) -> None:
    path = f"{model}/predictions"
    records = training.client.post(path, json={"records": rows}).json()
    assert records["classes"] == ["a", "b"]
    probabilities = np.array(records["probabilities"])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    best = [records["classes"][place] for place in probabilities.argmax(axis=1)]
    assert records["predictions"] == best
    matrix = [[row["size"], row["colour"], row["price"]] for row in rows]
    assert training.client.post(path, json={"rows": matrix}).json() == records
    turned = [[row["price"], row["kind"], row["colour"], row["size"]] for row in rows]
    named = {"rows": turned, "columns": ["price", "kind", "colour", "size"]}
    assert training.client.post(path, json=named).json() == records


def test_an_unknown_category_is_answered(training: Served, model: str) -> None:
    row = {"size": 1.5, "colour": "violet", "price": 10}
    answer = training.client.post(f"{model}/predictions", json={"records": [row]})
    assert answer.json()["predictions"][0] in {"a", "b"}


def test_a_checkpoint_answers_too(training: Served, model: str, rows: list[dict[str, Any]]) -> None:
    body = {"records": rows[:5]}
    answer = training.client.post(f"{model}/predictions?checkpoint=40", json=body)
    assert answer.json()["checkpoint"]["epoch"] == 40
    assert training.client.post(f"{model}/predictions?checkpoint=7", json=body).status_code == 404


def test_ten_thousand_rows_are_the_most(training: Served, model: str) -> None:
    row = [1.0, "red", 10.0]
    answer = training.client.post(f"{model}/predictions", json={"rows": [row] * 10_000})
    assert len(answer.json()["predictions"]) == 10_000
    refused = training.client.post(f"{model}/predictions", json={"rows": [row] * 10_001})
    assert refused.status_code == 413
    assert "10,000" in refused.json()["detail"]


GOOD = {"size": 1.0, "colour": "red", "price": 10.0}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"records": [GOOD, GOOD | {"size": "big"}]}, ("/records/1/size", 1, "size")),
        ({"records": [GOOD, GOOD | {"size": True}]}, ("/records/1/size", 1, "size")),
        ({"records": [GOOD | {"colour": 5}]}, ("/records/0/colour", 0, "colour")),
        ({"records": [GOOD | {"price": [1]}]}, ("/records/0/price", 0, "price")),
        ({"records": [GOOD, {"size": 1.0, "price": 1.0}]}, ("/records/1/colour", 1, "colour")),
        ({"rows": [[1.0, "red", 10.0], [1.0, "red", "x"]]}, ("/rows/1/2", 1, "price")),
        ({"rows": [[1.0, "red", 10.0], [1.0, "red"]]}, ("/rows/1", 1, None)),
        (
            {"rows": [[1.0, "red", "x"]], "columns": ["size", "colour", "price"]},
            ("/rows/0/2", 0, "price"),
        ),
        ({"rows": [[1.0]], "columns": ["size"]}, ("/columns", None, "colour")),
        ({"rows": [[1, 1, 1]], "columns": ["size"] * 3}, ("/columns", None, "size")),
        ({"rows": [[1.0, "red", 10**400]]}, ("/rows/0/2", None, None)),
        ({"rows": []}, ("/rows", None, None)),
        ({}, ("", None, None)),
        ({"records": [GOOD], "rows": [[1]]}, ("", None, None)),
        ({"records": [GOOD], "row": 1}, ("/row", None, None)),
        ({"records": [1]}, ("/records/0", None, None)),
    ],
)
def test_rows_that_do_not_fit_are_refused_at_their_place(
    training: Served,
    model: str,
    body: dict[str, Any],
    place: tuple[str, int | None, str | None],
) -> None:
    answer = training.client.post(f"{model}/predictions", json=body)
    assert answer.status_code == 422, answer.text
    error = answer.json()["errors"][0]
    assert (error["pointer"], error.get("row"), error.get("column")) == place


def test_numbers_come_in_their_own_unit(
    training: Served, regressor: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    path = f"/v1/models/{regressor['model_id']}/predictions"
    answer = training.client.post(path, json={"records": rows[:5]}).json()
    assert (answer["classes"], answer["probabilities"]) == (None, None)
    assert all(-50 < value < 120 for value in answer["predictions"])
    assert answer["target"] == "price"


def answers(training: Served, model: str, rows: list[dict[str, Any]]) -> Iterator[Any]:
    body = {"records": rows}
    yield from training.client.post(f"{model}/predictions", json=body).json()["predictions"]


def test_a_classifier_is_measured_as_scikit_learn_does(
    training: Served, model: str, dataset: str, rows: list[dict[str, Any]]
) -> None:
    evaluation = training.client.post(f"{model}/evaluations", json={"dataset": dataset}).json()
    truth = [row["kind"] for row in rows]
    given = list(answers(training, model, rows))
    scores = evaluation["scores"]
    assert evaluation["rows"] == len(rows)
    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(truth, given))
    assert scores["macro"]["f1"] == pytest.approx(metrics.f1_score(truth, given, average="macro"))
    assert scores["confusion_matrix"] == metrics.confusion_matrix(truth, given).tolist()
    assert [each["label"] for each in scores["per_class"]] == ["a", "b"]
    assert 0 <= scores["roc_auc"] <= 1
    inline = {"data": {"records": rows}}
    assert training.client.post(f"{model}/evaluations", json=inline).json() == evaluation


def test_a_regression_is_measured_as_scikit_learn_does(
    training: Served, regressor: dict[str, Any], dataset: str, rows: list[dict[str, Any]]
) -> None:
    model = f"/v1/models/{regressor['model_id']}"
    body = {"dataset": dataset}
    scores = training.client.post(f"{model}/evaluations", json=body).json()["scores"]
    truth = [row["price"] for row in rows]
    given = list(answers(training, model, rows))
    assert scores["mae"] == pytest.approx(metrics.mean_absolute_error(truth, given))
    assert scores["rmse"] == pytest.approx(scores["mse"] ** 0.5)
    assert scores["r2"] == pytest.approx(metrics.r2_score(truth, given))


@pytest.mark.parametrize("kind", ["classifier", "regressor"])
def test_rows_are_told_one_by_one_if_that_is_wanted(
    training: Served, kind: str, rows: list[dict[str, Any]], request: pytest.FixtureRequest
) -> None:
    job = request.getfixturevalue(kind)
    where = f"/v1/models/{job['model_id']}"
    body = {"data": {"records": rows}, "answers": len(rows)}
    told = training.client.post(f"{where}/evaluations", json=body).json()["answers"]
    said = training.client.post(f"{where}/predictions", json={"records": rows}).json()
    assert told["truth"] == [row[job["target"]] for row in rows]
    assert told["predictions"] == said["predictions"]
    assert told["probabilities"] == said["probabilities"]
    few = training.client.post(f"{where}/evaluations", json=body | {"answers": 7}).json()
    assert (few["rows"], len(few["answers"]["truth"])) == (len(rows), 7)
    assert training.client.post(f"{where}/evaluations", json={}).json()["answers"] is None


def test_the_held_out_part_scores_as_the_best_epoch_did(
    training: Served, classifier: dict[str, Any], model: str
) -> None:
    evaluation = training.client.post(f"{model}/evaluations", json={}).json()
    best = classifier["best"]["validation"]
    assert evaluation["rows"] == 20
    assert evaluation["scores"]["loss"] == pytest.approx(best["loss"], rel=1e-4)
    assert evaluation["scores"]["accuracy"] == pytest.approx(best["accuracy"])
    trained_on = training.client.post(f"{model}/evaluations", json={"part": "train"}).json()
    assert trained_on["rows"] == 80


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"dataset": "ds_nothing"}, "/dataset"),
        ({"part": "test"}, "/part"),
        ({"part": "train", "dataset": "ds_x"}, ""),
        ({"data": {"records": [GOOD]}}, "/data/records/0/kind"),
        ({"data": {"records": [GOOD | {"kind": "c"}]}}, "/data/records/0/kind"),
        ({"data": {"records": [GOOD | {"kind": None}]}}, "/data"),
    ],
)
def test_what_cannot_be_evaluated_is_refused_at_its_place(
    training: Served, model: str, body: dict[str, Any], pointer: str
) -> None:
    answer = training.client.post(f"{model}/evaluations", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_dataset_without_the_target_or_a_column_is_refused(training: Served, model: str) -> None:
    for record, column in (
        ({"size": 1, "colour": "x", "price": 2}, "kind"),
        ({"kind": "a"}, "size"),
    ):
        made = training.client.post("/v1/datasets", json={"records": [record]}).json()["id"]
        answer = training.client.post(f"{model}/evaluations", json={"dataset": made})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/dataset"
        assert column in answer.json()["detail"]


def test_a_job_that_diverges_says_so_and_leaves_its_last_finite_state(training: Served) -> None:
    body = {
        "dataset": "diabetes",
        "network": {"layers": [{"kind": "dense", "units": 16}]},
        "optimizer": {"kind": "sgd", "learning_rate": 0.1, "momentum": 0.99, "nesterov": True},
        "training": {"epochs": 500, "seed": 1},
    }
    job = training.client.post("/v1/jobs", json=body).json()
    job = ended(training, job["id"])
    assert (job["status"], job["error"]["type"]) == ("failed", "diverged")
    assert job["error"]["epoch"] == job["latest"]["epoch"] + 1
    assert job["error"]["step"] > 1
    assert "learning rate" in job["error"]["detail"]
    rows = {"rows": [[0.0] * 10]}
    answer = training.client.post(f"/v1/models/{job['model_id']}/predictions", json=rows).json()
    assert isinstance(answer["predictions"][0], float)
    assert answer["checkpoint"]["epoch"] == job["best"]["epoch"]
