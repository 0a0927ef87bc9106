"""What a model listens to, against plain NumPy; and what regularization has switched off."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load

from engine.randomness import Purpose, stream
from tests.plugins.servers import Served
from tests.service.ended import train

ROWS = 60


def records() -> list[dict[str, Any]]:
    generator = np.random.default_rng(11)
    loud, soft, noise = generator.normal(size=(3, ROWS))
    colours = ["red", "green", "blue"]
    return [
        {
            "loud": float(10 * loud[i]),
            "soft": float(soft[i]) if i % 9 else None,
            "noise": float(noise[i]),
            "colour": colours[i % 3],
            "price": float(5 * loud[i] - soft[i] + (i % 3)),
            "dear": bool(2 * loud[i] - soft[i] > 0),
        }
        for i in range(ROWS)
    ]


def linear(served: Served, target: str, drop: str, **members: Any) -> dict[str, Any]:
    body = {"records": records(), "target": target}
    dataset = served.client.post("/v1/datasets", json=body).json()["id"]
    return train(
        served,
        dataset=dataset,
        training={"epochs": 60, "seed": 4, "precision": "float64"},
        preprocessing={"drop": [drop]},
        validation={"kind": "none"},
        **{"optimizer": {"kind": "adam", "learning_rate": 0.05}} | members,
    )


@pytest.fixture(scope="module")
def regressor(training: Served) -> dict[str, Any]:
    return linear(training, "price", "dear")


@pytest.fixture(scope="module")
def classifier(training: Served) -> dict[str, Any]:
    return linear(training, "dear", "price")


@pytest.fixture(scope="module")
def sparse(training: Served) -> dict[str, Any]:
    return linear(
        training,
        "price",
        "dear",
        regularizers=[{"kind": "l1", "strength": 0.3}],
        optimizer={"kind": "sgd", "learning_rate": 0.05},
    )


def measure(served: Served, job: dict[str, Any], **members: Any) -> dict[str, Any]:
    path = f"/v1/models/{job['model_id']}/importances"
    answer = served.client.post(path, json=members)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def weights(served: Served, job: dict[str, Any]) -> dict[str, NDArray[np.float64]]:
    return load(served.client.get(f"/v1/models/{job['model_id']}/weights").content)


def prepared(served: Served, job: dict[str, Any]) -> tuple[NDArray[np.float64], list[str]]:
    """The features as the network sees them, by way of a trace."""
    path = f"/v1/models/{job['model_id']}/trace"
    told = served.client.post(path, json={"records": records(), "corner": 128}).json()
    return np.array(told["layers"][0]["x"]["values"]), told["features"]


def test_permutations_are_what_numpy_says(training: Served, regressor: dict[str, Any]) -> None:
    found = measure(training, regressor, part="train", repeats=3, seed=8)
    theta = weights(training, regressor)
    x, names = prepared(training, regressor)
    price = np.array([row["price"] for row in records()])
    y = (price - price.mean()) / price.std()

    def r2(features: NDArray[np.float64]) -> float:
        y_hat = (features @ theta["output.weight"].T + theta["output.bias"])[:, 0]
        return float(1 - np.sum((y_hat - y) ** 2) / np.sum((y - y.mean()) ** 2))

    assert found["score"] == "r2"
    assert found["baseline"] == pytest.approx(r2(x), rel=1e-9)
    columns = ["loud", "soft", "noise", "colour"]
    for each in found["inputs"]:
        place = columns.index(each["column"])
        features = [i for i, name in enumerate(names) if name.split("=")[0] == each["column"]]
        falls = []
        for repeat in range(3):
            order = stream(8, Purpose.SAMPLE, place, repeat).permutation(ROWS)
            shuffled = x.copy()
            shuffled[:, features] = x[order][:, features]
            falls.append(r2(x) - r2(shuffled))
        assert each["importance"] == pytest.approx(np.mean(falls), rel=1e-7, abs=1e-9)
        assert each["deviation"] == pytest.approx(np.std(falls), rel=1e-6, abs=1e-9)
    named = [each["column"] for each in found["inputs"]]
    assert named[0] == "loud"
    assert named[-1] == "noise"


def test_a_linear_model_leans_as_its_weights_say(
    training: Served, regressor: dict[str, Any]
) -> None:
    found = measure(training, regressor, part="train", repeats=1)
    theta = weights(training, regressor)["output.weight"][0]
    _, names = prepared(training, regressor)
    scale = np.std([row["price"] for row in records()])
    for each in found["inputs"]:
        if each["column"] == "colour":
            assert each["sensitivity"] is None
            assert each["unit"] is None
            continue
        weight = theta[names.index(each["column"])] * scale
        assert each["slope"] == [pytest.approx(weight, rel=1e-7)]
        assert each["sensitivity"] == [pytest.approx(abs(weight), rel=1e-7)]
    loud = next(each for each in found["inputs"] if each["column"] == "loud")
    assert loud["unit"] == pytest.approx(np.std([row["loud"] for row in records()]))


def test_probabilities_lean_by_the_slope_of_the_sigmoid(
    training: Served, classifier: dict[str, Any]
) -> None:
    found = measure(training, classifier, part="train", columns=["soft", "loud"], score="loss")
    theta = weights(training, classifier)
    x, names = prepared(training, classifier)
    p = 1 / (1 + np.exp(-(x @ theta["output.weight"].T + theta["output.bias"])[:, 0]))
    assert {each["column"] for each in found["inputs"]} == {"soft", "loud"}
    for each in found["inputs"]:
        weight = theta["output.weight"][0, names.index(each["column"])]
        assert each["slope"] == [pytest.approx(np.mean(weight * p * (1 - p)), rel=1e-6)]
        assert each["importance"] > 0
    dear = np.array([row["dear"] for row in records()])
    loss = -np.mean(np.where(dear, np.log(p), np.log(1 - p)))
    assert found["baseline"] == pytest.approx(loss, rel=1e-9)


def test_rows_can_be_sent(training: Served, classifier: dict[str, Any]) -> None:
    found = measure(training, classifier, data={"records": records()}, max_rows=30)
    assert (found["rows"], found["score"]) == (30, "accuracy")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"score": "accuracy"}, "/score"),
        ({"score": "auc"}, "/score"),
        ({"repeats": 51}, "/repeats"),
        ({"columns": ["loud", "dear"]}, "/columns/1"),
        ({"columns": []}, "/columns"),
        ({"data": {"records": records()[:1]}, "part": None}, "/score"),
        ({"part": "validation"}, "/part"),
        ({"data": {"records": [records()[0] | {"loud": "very"}]}, "part": None},
         "/data/records/0/loud"),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_refused(
    training: Served, regressor: dict[str, Any], members: dict[str, Any], pointer: str
) -> None:
    path = f"/v1/models/{regressor['model_id']}/importances"
    answer = training.client.post(path, json={"part": "train"} | members)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_a_model_tells_what_is_switched_off(training: Served, sparse: dict[str, Any]) -> None:
    model = training.client.get(f"/v1/models/{sparse['model_id']}").json()
    theta = weights(training, sparse)["output.weight"]
    _, names = prepared(training, sparse)
    found = model["sparsity"]
    zeros = int(np.count_nonzero(theta == 0))
    assert zeros > 0
    assert found["weights"] == [
        {"name": "output.weight", "zeros": zeros, "of": theta.size, "share": zeros / theta.size}
    ]
    assert found["share"] == zeros / theta.size
    off = [name for name, weight in zip(names, theta[0], strict=True) if weight == 0]
    assert found["features_off"] == off
    assert "noise" in found["inputs_off"]
    assert "loud" not in found["inputs_off"]


def test_a_dense_model_has_nothing_switched_off(
    training: Served, classifier: dict[str, Any]
) -> None:
    model = training.client.get(f"/v1/models/{classifier['model_id']}").json()
    assert model["sparsity"]["share"] == 0
    assert model["sparsity"]["inputs_off"] == []


def test_mixed_features_cannot_be_told_apart(training: Served) -> None:
    job = linear(training, "price", "dear", network={"layers": ["layer_norm"]})
    model = training.client.get(f"/v1/models/{job['model_id']}").json()
    assert model["sparsity"]["inputs_off"] is None
    assert model["sparsity"]["features_off"] is None
