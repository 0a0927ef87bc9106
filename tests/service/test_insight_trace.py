"""A trace is what plain NumPy says, and one step of the training that it comes from."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import load

from service.insight import budget
from tests.plugins.servers import Served
from tests.service.ended import train

ROWS = 60
EPOCHS = 4


def records() -> list[dict[str, Any]]:
    generator = np.random.default_rng(5)
    size, weight = generator.normal(size=(2, ROWS)).round(3)
    return [
        {
            "size": float(size[i]),
            "weight": float(weight[i]) if i % 7 else None,
            "colour": ["red", "green"][i % 2],
            "kind": ["a", "b", "c"][int(size[i] > 0) + int(weight[i] > 0.5)],
            "price": float(3 * size[i] - weight[i]),
        }
        for i in range(ROWS)
    ]


def full_batch(served: Served, target: str, **members: Any) -> dict[str, Any]:
    """A training whose every epoch is one step over all rows, in their order."""
    answer = served.client.post("/v1/datasets", json={"records": records(), "target": target})
    return train(
        served,
        dataset=answer.json()["id"],
        training={
            "epochs": EPOCHS,
            "seed": 4,
            "batch_size": ROWS,
            "shuffle": False,
            "precision": "float64",
        },
        validation={"kind": "none"},
        checkpoints={"every": 1, "keep": 100},
        **members,
    )


@pytest.fixture(scope="module")
def classifier(training: Served) -> dict[str, Any]:
    return full_batch(
        training,
        "kind",
        network={
            "layers": [
                {"kind": "dense", "units": 5, "activation": "tanh"},
                {"kind": "dropout", "rate": 0.3},
                {"kind": "dense", "units": 4, "activation": {"kind": "leaky_relu", "alpha": 0.1}},
            ]
        },
        optimizer={"kind": "adam", "learning_rate": 0.05},
        schedule={"kind": "exponential", "factor": 0.7, "warmup": 2},
        regularizers=[{"kind": "l2", "strength": 0.01}],
    )


@pytest.fixture(scope="module")
def regressor(training: Served) -> dict[str, Any]:
    return full_batch(
        training,
        "price",
        network={"layers": [{"kind": "batch_norm"}, {"kind": "dense", "units": 3}]},
        optimizer={"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9},
        clipping={"kind": "norm", "limit": 0.1},
    )


def trace(served: Served, job: dict[str, Any], epoch: int, **members: Any) -> dict[str, Any]:
    body = {"records": records(), "corner": 100} | members
    answer = served.client.post(
        f"/v1/models/{job['model_id']}/trace", params={"checkpoint": epoch}, json=body
    )
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def weights(served: Served, job: dict[str, Any], epoch: int) -> dict[str, NDArray[np.float64]]:
    path = f"/v1/jobs/{job['id']}/checkpoints/{epoch}/weights"
    return load(served.client.get(path).content)


def array(numbers: dict[str, Any]) -> NDArray[np.float64]:
    values = np.array(numbers["values"], np.float64)
    assert not numbers["cut"]
    assert list(values.shape) == numbers["shape"]
    assert numbers["finite"]
    return values


def same(found: dict[str, Any], expected: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(array(found), expected, rtol=1e-10, atol=1e-13)


def test_forward_and_backward_are_what_numpy_says(
    training: Served, classifier: dict[str, Any]
) -> None:
    told = trace(training, classifier, 2)
    theta = weights(training, classifier, 2)
    first, dropout, second, output = told["layers"]
    assert [layer["activation"] for layer in told["layers"]] == [
        "tanh",
        None,
        "leaky_relu",
        "softmax",
    ]
    h0 = array(first["x"])
    assert told["features"] == ["size", "weight", "price", "colour=green", "colour=red"]

    z1 = h0 @ theta["layers.0.weight"].T + theta["layers.0.bias"]
    h1 = np.tanh(z1)
    z2 = h1 @ theta["layers.2.weight"].T + theta["layers.2.bias"]
    h2 = np.where(z2 > 0, z2, 0.1 * z2)
    z3 = h2 @ theta["output.weight"].T + theta["output.bias"]
    y_hat = np.exp(z3) / np.exp(z3).sum(axis=1, keepdims=True)
    same(first["z"], z1)
    same(first["h"], h1)
    same(dropout["h"], h1)
    same(second["z"], z2)
    same(second["h"], h2)
    same(output["z"], z3)
    same(output["h"], y_hat)
    same(told["y_hat"], y_hat)

    y = array(told["y"])[:, 0].astype(int)
    assert [told["classes"][code] for code in y] == [row["kind"] for row in records()]
    losses = -np.log(y_hat[np.arange(ROWS), y])
    np.testing.assert_allclose(told["losses"], losses, rtol=1e-10)
    np.testing.assert_allclose(told["loss"], losses.mean(), rtol=1e-10)

    delta3 = (y_hat - np.eye(3)[y]) / ROWS
    delta2 = delta3 @ theta["output.weight"] * np.where(z2 > 0, 1, 0.1)
    delta1 = delta2 @ theta["layers.2.weight"] * (1 - h1**2)
    for layer, delta, x in ((output, delta3, h2), (second, delta2, h1), (first, delta1, h0)):
        same(layer["delta"], delta)
        same(layer["gradients"]["dW"], delta.T @ x)
        same(layer["gradients"]["db"], delta.sum(axis=0))
    same(first["parameters"]["W"], theta["layers.0.weight"])
    same(first["parameters"]["b"], theta["layers.0.bias"])


@pytest.mark.parametrize("epoch", range(1, EPOCHS))
def test_the_update_is_the_next_step_of_the_training(
    training: Served, classifier: dict[str, Any], epoch: int
) -> None:
    told = trace(training, classifier, epoch, training=True)
    after = weights(training, classifier, epoch + 1)
    for layer in told["layers"]:
        for symbol, block in (("W", "weight"), ("b", "bias")):
            if symbol in layer["theta"]:
                same(layer["theta"][symbol], after[f"{layer['name']}.{block}"])
    path = f"/v1/jobs/{classifier['id']}/epochs"
    rows = training.client.get(path).json()["data"]
    assert told["learning_rate"] == pytest.approx(rows[epoch]["learning_rate"], rel=1e-12)
    assert told["loss"] == pytest.approx(rows[epoch]["train"]["loss"], rel=1e-12)
    assert told["step"] == epoch + 1
    assert told["optimizer"]["kind"] == "adam"


def test_clipping_momentum_and_batch_normalization_count_for_the_update(
    training: Served, regressor: dict[str, Any]
) -> None:
    told = trace(training, regressor, 2, training=True)
    after = weights(training, regressor, 3)
    assert list(told["layers"][0]["parameters"]) == ["gamma", "beta"]
    assert list(told["layers"][0]["gradients"]) == ["dgamma", "dbeta"]
    same(told["layers"][0]["theta"]["gamma"], after["layers.0.gamma"])
    same(told["layers"][1]["theta"]["W"], after["layers.1.weight"])
    (scale,) = told["target_scales"]
    price = array(told["y"])[:, 0] * scale["scale"] + scale["offset"]
    np.testing.assert_allclose(price, [row["price"] for row in records()], atol=1e-12)
    assert told["classes"] is None


def blocks(layer: dict[str, Any]) -> list[str]:
    return list(layer["theta"])


@pytest.mark.parametrize("epoch", range(1, EPOCHS - 1))
def test_what_adam_remembers_goes_on_from_step_to_step(
    training: Served, classifier: dict[str, Any], epoch: int
) -> None:
    told, next_one = (trace(training, classifier, at, training=True) for at in (epoch, epoch + 1))
    assert [slot["name"] for slot in told["update"]["memory"]] == ["first_moment", "second_moment"]
    assert [slot["symbol"] for slot in told["update"]["memory"]] == ["m", "v"]
    families = training.client.get("/v1/catalog").json()["families"]
    (adam,) = (each for each in families["optimizer"] if each["kind"] == "adam")
    assert told["update"]["equation"] == adam["equation"]
    assert told["update"]["fresh"] is False
    t, eta = told["step"], told["learning_rate"]
    for layer, later in zip(told["layers"], next_one["layers"], strict=True):
        if not blocks(layer):
            assert layer["update"] is None
            continue
        update = layer["update"]
        for block in blocks(layer):
            g = array(update["gradients"][f"d{block}"])
            penalty = 0.02 * array(layer["parameters"][block]) if block == "W" else 0
            np.testing.assert_allclose(g, array(layer["gradients"][f"d{block}"]) + penalty)
            moments = [update["memory"][name] for name in ("first_moment", "second_moment")]
            m, v = (array(moment["before"][block]) for moment in moments)
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            same(moments[0]["after"][block], m)
            same(moments[1]["after"][block], v)
            change = -eta * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
            same(update["change"][block], change)
            for name, moment in update["memory"].items():
                assert moment["after"][block] == later["update"]["memory"][name]["before"][block]


def test_clipping_comes_before_the_optimizer(training: Served, regressor: dict[str, Any]) -> None:
    told = trace(training, regressor, 2, training=True)
    layers = [layer for layer in told["layers"] if layer["update"]]
    given = [layer["update"]["gradients"][f"d{b}"] for layer in layers for b in blocks(layer)]
    assert np.sqrt(sum((array(each) ** 2).sum() for each in given)) == pytest.approx(0.1)
    velocity = layers[1]["update"]["memory"]["velocity"]
    same(velocity["after"]["W"], 0.9 * array(velocity["before"]["W"]) + array(given[2]))
    same(layers[1]["update"]["change"]["W"], -told["learning_rate"] * array(velocity["after"]["W"]))


def test_the_update_may_be_left_out(training: Served, classifier: dict[str, Any]) -> None:
    told = trace(training, classifier, 2, update=False)
    assert told["update"] is None
    assert {layer["update"] is None for layer in told["layers"]} == {True}
    whole = trace(training, classifier, 2)
    for layer, other in zip(told["layers"], whole["layers"], strict=True):
        assert layer | {"update": other["update"]} == other


def test_a_memory_that_is_too_large_can_be_left_out(training: Served) -> None:
    job = full_batch(
        training,
        "price",
        network={"layers": [{"kind": "dense", "units": 16}] * 4},
        optimizer={"kind": "lbfgs", "history": 100, "learning_rate": 0.01},
    )
    path = f"/v1/models/{job['model_id']}/trace"
    refused = training.client.post(path, json={"records": records()})
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert error["pointer"] == "/corner"
    assert "update" in error["message"]
    assert training.client.post(path, json={"records": records(), "update": False}).is_success
    told = training.client.post(path, json={"records": records(), "corner": 2}).json()["update"]
    assert len(told["memory"]) == 202
    assert len(told["scalars_before"]) == len(told["scalars_after"]) == 203
    assert told["scalars_after"][0] == told["scalars_before"][0] + 1


def test_a_network_whose_memory_is_too_large_is_traced_without_it(
    training: Served, classifier: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    parameters = sum(
        np.prod(numbers["shape"], dtype=int)
        for layer in trace(training, classifier, 2)["layers"]
        for numbers in layer["parameters"].values()
    )
    path = f"/v1/models/{classifier['model_id']}/trace"
    monkeypatch.setattr(budget, "LARGEST", 8 * parameters)  # with two slots, 4 + 4 are needed
    refused = training.client.post(path, json={"records": records()})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/update"
    assert training.client.post(path, json={"records": records(), "update": False}).is_success
    monkeypatch.setattr(budget, "LARGEST", 7 * parameters)
    refused = training.client.post(path, json={"records": records(), "update": False})
    assert refused.json()["errors"][0]["pointer"] == ""


def test_noise_is_at_work_in_training_only(training: Served, classifier: dict[str, Any]) -> None:
    quiet = trace(training, classifier, 2)["layers"][1]
    assert array(quiet["h"]).tolist() == array(quiet["x"]).tolist()
    noisy = trace(training, classifier, 2, training=True)["layers"][1]
    kept = array(noisy["h"]) != 0
    np.testing.assert_allclose(array(noisy["h"])[kept], array(noisy["x"])[kept] / 0.7)
    assert 0.1 < 1 - kept.mean() < 0.5
    assert noisy["delta"] is not None
    assert noisy["gradients"] == {}


def test_large_arrays_are_cut(training: Served, classifier: dict[str, Any]) -> None:
    told = trace(training, classifier, 2, corner=2, layers=["layers.2"])
    (layer,) = told["layers"]
    assert layer["x"]["shape"] == [ROWS, 5]
    assert np.shape(layer["x"]["values"]) == (2, 2)
    assert layer["x"]["cut"] is True
    assert layer["parameters"]["b"] == layer["parameters"]["b"] | {"shape": [4], "cut": True}
    assert len(told["losses"]) == ROWS
    assert len(told["features"]) == 2


UNITS = [
    pytest.param({"layers.0": 2, "features": 1}, "number", id="from some on"),
    pytest.param(None, "weight_norm", id="the strongest"),
    pytest.param({"layers.2": 1, "output": 2}, "weight_norm", id="the strongest but some"),
]


@pytest.mark.parametrize(("first", "order"), UNITS)
def test_units_are_told_from_one_on_and_in_order(
    training: Served, classifier: dict[str, Any], first: dict[str, int] | None, order: str
) -> None:
    """What is told are the same numbers as those of the whole, wherever they stand."""
    whole = trace(training, classifier, 2)
    told = trace(training, classifier, 2, corner=3, first_unit=first, unit_order=order)
    theta = weights(training, classifier, 2)
    numbers = {"features": np.linalg.norm(theta["layers.0.weight"], axis=0)}
    numbers |= {
        name: np.linalg.norm(theta[f"{name}.weight"], axis=1)
        for name in ("layers.0", "layers.2", "output")
    }
    chosen = {}
    for name, norms in numbers.items():
        units = np.arange(len(norms)) if order == "number" else np.argsort(-norms)
        at = (first or {}).get(name, 0)
        chosen[name] = units[at : at + 3]
    chosen["layers.1"] = chosen["layers.0"]
    assert told["features"] == [whole["features"][k] for k in chosen["features"]]
    inputs = chosen["features"]
    for layer, full in zip(told["layers"], whole["layers"], strict=True):
        units = chosen[layer["name"]]
        assert layer["units"] == units.tolist()
        for symbol in ("z", "h", "delta"):
            if full[symbol] is not None:
                part(layer[symbol], array(full[symbol])[:3][:, units])
        part(layer["x"], array(full["x"])[:3][:, inputs])
        for of, before in (("parameters", ""), ("gradients", "d"), ("theta", "")):
            if layer["kind"] == "dense":
                matrix = array(full[of][f"{before}W"])
                part(layer[of][f"{before}W"], matrix[np.ix_(units, inputs)])
                part(layer[of][f"{before}b"], array(full[of][f"{before}b"])[units])
        inputs = units


def part(found: dict[str, Any], expected: NDArray[np.float64]) -> None:
    """Some of an array are these numbers, to the bit."""
    assert np.array(found["values"]).tolist() == expected.tolist()


def test_the_model_stays_as_it_is(training: Served, classifier: dict[str, Any]) -> None:
    before = trace(training, classifier, 2)
    assert trace(training, classifier, 2) == before


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"layers": ["output", "layer 7"]}, "/layers/1"),
        ({"layers": []}, "/layers"),
        ({"corner": 0}, "/corner"),
        ({"corner": 2.0}, "/corner"),
        ({"training": 1}, "/training"),
        ({"update": 0}, "/update"),
        ({"first_unit": {"layers.1": 0}}, "/first_unit/layers.1"),
        ({"first_unit": {"layers.7": 0}}, "/first_unit/layers.7"),
        ({"first_unit": {"output": 3}}, "/first_unit/output"),
        ({"first_unit": {"features": -1}}, "/first_unit/features"),
        ({"first_unit": {"layers.0": 1.5}}, "/first_unit/layers.0"),
        ({"unit_order": "height"}, "/unit_order"),
        ({"records": records() * 2}, "/records"),
        ({"records": [records()[0] | {"kind": None}]}, "/records/0/kind"),
        ({"records": [records()[0] | {"kind": "d"}]}, "/records/0/kind"),
        ({"records": [records()[0] | {"size": "tall"}]}, "/records/0/size"),
        ({"records": [{"size": 1.0}]}, "/records/0/weight"),
        ({"rows": [[1.0, 2.0, "red", 3.0]], "records": None}, "/rows/0"),
        ({"epochs": 3}, "/epochs"),
    ],
)
def test_what_cannot_be_traced_is_refused(
    training: Served, classifier: dict[str, Any], members: dict[str, Any], pointer: str
) -> None:
    body = {"records": records()} | members
    answer = training.client.post(f"/v1/models/{classifier['model_id']}/trace", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_what_is_not_there_is_not_found(training: Served, classifier: dict[str, Any]) -> None:
    body = {"records": records()}
    path = f"/v1/models/{classifier['model_id']}/trace"
    assert training.client.post(path, params={"checkpoint": 77}, json=body).status_code == 404
    nowhere = "/v1/models/mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA/trace"
    assert training.client.post(nowhere, json=body).status_code == 404
