"""Models that are imported: from files of the service, from files of others, from given numbers."""

import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from tests.plugins.servers import Served
from tests.service.ended import train

ROWS: list[dict[str, Any]] = [
    {"size": None if i % 7 == 0 else i / 3, "place": "abc"[i % 3], "wet": i % 2 == 0, "y": i % 5}
    for i in range(60)
]
LAYERS = [{"kind": "dense", "units": 5, "activation": "tanh"}, {"kind": "batch_norm"}]
GATE: dict[str, Any] = {
    "name": "and gate",
    "inputs": [{"name": "a"}, {"name": "b"}],
    "target": "both",
    "classes": [False, True],
    "weights": {"output.weight": [[20, 20]], "output.bias": [-30]},
}


def create(served: Served, **members: Any) -> dict[str, Any]:
    answer = served.client.post("/v1/models", json=members)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/models/{made['id']}"
    return made


def upload(served: Served, content: bytes, **fields: str) -> Any:
    return served.client.post("/v1/models", files={"file": content}, data=fields)


def weights(served: Served, model: str) -> dict[str, NDArray[Any]]:
    content = served.client.get(f"/v1/models/{model}/weights").content
    arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(content)
    return arrays


def ask(served: Served, model: str, word: str, **body: Any) -> dict[str, Any]:
    answer = served.client.post(f"/v1/models/{model}/{word}", json=body)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.fixture(scope="module")
def dataset(training: Served) -> str:
    body = {"records": ROWS, "target": "y"}
    made: str = training.client.post("/v1/datasets", json=body).json()["id"]
    return made


@pytest.mark.parametrize(
    "members",
    [
        {"task": "classification"},
        {"task": "regression", "training": {"epochs": 3, "precision": "float64"}},
        {"target": "wet", "loss": "hinge"},
        {"targets": ["y", "size"], "validation": "none"},
        {"preprocessing": {"categorical": {"kind": "one_hot", "max_categories": 2}}},
    ],
)
def test_a_model_comes_back_as_it_went(
    training: Served, dataset: str, members: dict[str, Any]
) -> None:
    job = train(
        training,
        **{"dataset": dataset, "network": {"layers": LAYERS}, "training": {"epochs": 3}} | members,
    )
    source = f"/v1/models/{job['model_id']}"
    content = training.client.get(f"{source}/weights").content
    answer = upload(training, content, name="again")
    assert answer.status_code == 201, answer.text
    made, before = answer.json(), training.client.get(source).json()
    assert (made["name"], made["job_id"], made["final"]) == ("again", None, True)
    assert made["checkpoint"] == {"seq": 0, "epoch": 0}
    assert {name: made[name] for name in ("task", "inputs", "spec", "sparsity")} == {
        name: before[name] for name in ("task", "inputs", "spec", "sparsity")
    }
    rows = [{**row, "place": "elsewhere" if i == 3 else row["place"]} for i, row in enumerate(ROWS)]
    told = [ask(training, each, "predictions", records=rows) for each in (made["id"], before["id"])]
    assert told[0]["predictions"] == told[1]["predictions"]
    assert told[0]["probabilities"] == told[1]["probabilities"]
    assert training.client.get(f"/v1/models/{made['id']}").json() == made
    again = training.client.get(f"/v1/models/{made['id']}/weights").content
    renamed = upload(training, again, name=before["name"] or "none").json()
    for name, array in weights(training, renamed["id"]).items():
        np.testing.assert_array_equal(array, safetensors.numpy.load(content)[name])


def test_a_file_of_others_needs_a_definition(training: Served) -> None:
    random = np.random.default_rng(0)
    arrays: dict[str, NDArray[Any]] = {
        "layers.0.weight": random.normal(size=(4, 2)).astype(np.float32),
        "layers.0.bias": random.normal(size=4).astype(np.float16),
        "output.weight": random.normal(size=(3, 4)),
        "output.bias": random.normal(size=3),
    }
    content = safetensors.numpy.save(arrays)
    refused = upload(training, content)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/definition"
    definition = {
        "spec": {
            "network": {"layers": [{"kind": "dense", "units": 4, "activation": "relu"}]},
            "training": {"precision": "float64"},
        },
        "inputs": [{"name": "u", "offset": 1.0, "scale": 2.0}, {"name": "v", "fill": 7}],
        "target": "kind",
        "classes": ["a", "b", "c"],
    }
    made = upload(training, content, definition=json.dumps(definition)).json()
    matrix = [[0.5, -1.0], [3.0, None], [None, 2.0]]
    told = ask(training, made["id"], "predictions", rows=matrix)
    x = np.array([[-0.25, -1.0], [1.0, 7.0], [0.0, 2.0]])
    h = np.maximum(x @ arrays["layers.0.weight"].T + arrays["layers.0.bias"], 0)
    z = np.exp(h @ arrays["output.weight"].T + arrays["output.bias"])
    np.testing.assert_allclose(told["probabilities"], z / z.sum(axis=1, keepdims=True), rtol=1e-12)


class TestGivenWeights:
    def test_it_predicts_and_can_be_looked_into(self, training: Served) -> None:
        model = create(training, **GATE)["id"]
        cases = [[0, 0], [0, 1], [1, 0], [1, 1]]
        told = ask(training, model, "predictions", rows=cases)
        assert told["predictions"] == [False, False, False, True]
        rows = [{"a": a, "b": b, "both": bool(a and b)} for a, b in cases]
        traced = ask(training, model, "trace", records=rows)
        assert traced["layers"][0]["z"]["values"] == [[-30], [-10], [-10], [10]]
        assert traced["step"] == 1
        assert traced["update"]["fresh"] is True
        memory = traced["layers"][0]["update"]["memory"]
        assert memory.keys() == {"first_moment", "second_moment"}
        assert memory["first_moment"]["before"]["W"]["values"] == [[0, 0]]
        g = np.array(traced["layers"][0]["update"]["gradients"]["dW"]["values"])
        np.testing.assert_allclose(
            memory["first_moment"]["after"]["W"]["values"], 0.1 * g, rtol=1e-5
        )
        assert ask(training, model, "gradient_check", records=rows)["passed"]
        scores = ask(training, model, "evaluations", data={"records": rows})["scores"]
        assert scores["accuracy"] == 1
        line = {"kind": "random", "dimensions": 1}
        assert ask(training, model, "landscape", data={"records": rows}, directions=line)
        assert ask(training, model, "importances", data={"records": rows})["score"] == "accuracy"

    def test_there_is_no_job_whose_data_could_be_used(self, training: Served) -> None:
        model = create(training, **GATE)["id"]
        for word in ("evaluations", "landscape", "importances"):
            answer = training.client.post(f"/v1/models/{model}/{word}", json={})
            assert answer.status_code == 409
            assert "imported" in answer.json()["detail"]
        lost = training.client.get(f"/v1/models/{model}/weights?checkpoint=3")
        assert lost.status_code == 404
        kept = training.client.get(f"/v1/models/{model}/weights?checkpoint=last")
        assert kept.status_code == 200

    def test_a_job_begins_with_it(self, training: Served) -> None:
        given = create(training, **GATE)["id"]
        rows = [{"a": a, "b": b, "both": bool(a and b)} for a in (0, 1) for b in (0, 1)] * 5
        body = {"records": rows, "target": "both"}
        data = training.client.post("/v1/datasets", json=body).json()["id"]
        members = {
            "dataset": data,
            "validation": "none",
            "initial": {"model": given},
            "optimizer": {"kind": "sgd", "learning_rate": 0.1},
            "training": {"epochs": 2, "batch_size": 20, "seed": 1},
        }
        job = train(training, **members)
        ended = weights(training, job["model_id"])["output.weight"]
        np.testing.assert_allclose(ended, [[20, 20]], atol=0.1)
        assert job["latest"]["train"]["loss"] < 1e-3
        assert training.client.delete(f"/v1/models/{given}").status_code == 204
        assert training.client.get(f"/v1/jobs/{job['id']}").json()["initial"]["model"] == given

    def test_batch_normalization_brings_its_statistics(self, training: Served) -> None:
        spec = {"network": {"layers": [{"kind": "batch_norm", "epsilon": 1e-12}]}}
        arrays = {
            "layers.0.running_mean": [3.0],
            "layers.0.running_var": [4.0],
            "layers.0.gamma": [1.0],
            "layers.0.beta": [0.5],
            "output.weight": [[10.0]],
            "output.bias": [0.0],
        }
        made = create(training, spec=spec, inputs=[{"name": "x"}], target="y", weights=arrays)
        told = ask(training, made["id"], "predictions", rows=[[3.0], [7.0]])
        np.testing.assert_allclose(told["predictions"], [5.0, 25.0], rtol=1e-6)


def without(*names: str, **members: Any) -> dict[str, Any]:
    return {name: value for name, value in (GATE | members).items() if name not in names}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (without("weights"), "/weights"),
        (without("inputs"), "/inputs"),
        (without("target"), ""),
        (without(targets=["c"]), ""),
        (without(target="a"), ""),
        (without(classes=[True, False]), ""),
        (without(classes=["a", 1]), ""),
        (without(classes=[True]), "/classes"),
        (without(classes=["a", "b", "c"]), "/weights/output.weight"),
        (without("classes", target_scales=[{}, {}]), ""),
        (without("classes", target_scales=[{"scale": 0}]), "/target_scales/0/scale"),
        (without(inputs=[{"name": "a"}, {"name": "b", "scale": 0}]), "/inputs/1"),
        (without(inputs=[{"name": "a"}, {"name": "b", "kind": "string"}]), "/inputs/1"),
        (
            without(inputs=[{"name": "a"}, {"name": "b", "kind": "string", "categories": [1]}]),
            "/inputs/1",
        ),
        (without(spec={"loss": "mse"}), "/spec/loss"),
        (without(spec={"network": {"layers": [{"kind": "dance"}]}}), "/spec/network/layers/0/kind"),
        (
            without(spec={"network": {"layers": [{"kind": "dense", "units": 10**6}] * 2}}),
            "/spec/network",
        ),
        (without(weights={"output.weight": [[1, 2]]}), "/weights"),
        (without(weights=GATE["weights"] | {"more": [1]}), "/weights/more"),
        (without(weights=GATE["weights"] | {"output.bias": [1, 2]}), "/weights/output.bias"),
        (without(weights=GATE["weights"] | {"output.bias": 1}), "/weights/output.bias"),
        (without(weights=GATE["weights"] | {"output.bias": ["x"]}), "/weights/output.bias"),
        (without(weights=GATE["weights"] | {"output.bias": [None]}), "/weights/output.bias"),
        (
            without(weights=GATE["weights"] | {"output.weight": [[1], [2, 3]]}),
            "/weights/output.weight",
        ),
        (without(weights=GATE["weights"] | {"output.bias": [1e300]}), "/weights/output.bias"),
        (without(colour="red"), "/colour"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    training: Served, body: dict[str, Any], pointer: str
) -> None:
    before = training.client.get("/v1/models").json()["data"]
    answer = training.client.post("/v1/models", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer, answer.text
    assert training.client.get("/v1/models").json()["data"] == before


def header(**members: Any) -> bytes:
    text = json.dumps(members).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 not a safetensors file",
        (2**62).to_bytes(8, "little") + b"{}",
        header(x={"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}),
        header(x={"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}) + b"00",
        header(x={"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}) + b"00000000",
        header(x=3),
        header(__metadata__=[1]),
        header(__metadata__={"trainyard": "{"}),
        header(__metadata__={"trainyard": "{}"}),
        header(__metadata__={"trainyard": "[]"}),
        b"[" * 100_000,
        (100_000).to_bytes(8, "little") + b"[" * 100_000,
    ],
)
def test_files_that_are_none_are_refused(training: Served, content: bytes) -> None:
    answer = upload(training, content)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"].split("/")[1] in {"file", "definition"}


def test_a_wrong_definition_says_where(training: Served) -> None:
    content = safetensors.numpy.save({"output.bias": np.zeros(1, np.float32)})
    for definition, pointer in (
        ("{", ""),
        ("[]", "/definition"),
        (json.dumps({"inputs": [{"name": 3}], "target": "y"}), "/definition/inputs/0/name"),
        (
            json.dumps({"inputs": [{"name": "x"}], "target": "y", "spec": {"loss": "hinge"}}),
            "/definition/spec/loss",
        ),
        (json.dumps({"inputs": [{"name": "x"}], "target": "y"}), "/file"),
    ):
        answer = upload(training, content, definition=definition)
        assert answer.status_code in {400, 422}, answer.text
        errors = answer.json().get("errors") or [{"pointer": ""}]
        assert errors[0]["pointer"] == pointer, answer.text
    extra = upload(training, content, colour="red")
    assert extra.json()["errors"][0]["pointer"] == "/colour"
    assert training.client.post("/v1/models", data={"name": "x"}, files={}).status_code in {
        415,
        422,
    }


def test_only_imported_models_are_deleted(training: Served, dataset: str) -> None:
    job = train(training, dataset=dataset, training={"epochs": 1})
    refused = training.client.delete(f"/v1/models/{job['model_id']}")
    assert refused.status_code == 409
    assert job["id"] in refused.json()["detail"]
    made = create(training, **GATE)["id"]
    assert made in [each["id"] for each in training.client.get("/v1/models").json()["data"]]
    assert training.client.delete(f"/v1/models/{made}").status_code == 204
    assert training.client.get(f"/v1/models/{made}").status_code == 404
    answer = training.client.post(f"/v1/models/{made}/predictions", json={"rows": [[0, 1]]})
    assert answer.status_code == 404
    assert training.client.delete(f"/v1/models/{made}").status_code == 404


def test_it_is_imported_once_per_key(training: Served) -> None:
    headers = {"Idempotency-Key": "import-once"}
    first, second = (
        training.client.post("/v1/models", json=GATE, headers=headers) for _ in range(2)
    )
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    other = training.client.post("/v1/models", json=GATE | {"name": "b"}, headers=headers)
    assert other.status_code == 422
