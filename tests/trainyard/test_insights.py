"""Looking into models and racing optimizers, from Python and from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from trainyard import Client, Invalid, Job
from trainyard.cli.specs import parse_spec

BATCH = [{"x1": 0.5, "x2": 0.8, "target": 0}, {"x1": 1.2, "x2": -0.4, "target": 1}]


@pytest.fixture(scope="module")
def job(service: Client) -> Job:
    made = service.jobs.create(
        dataset={"kind": "two_moons", "samples": 120, "noise": 0.2},
        network={"layers": [{"kind": "dense", "units": 5, "activation": "tanh"}]},
        training={"epochs": 4, "seed": 7},
        checkpoints={"every": 2},
    )
    return service.jobs.wait(made, timeout=120)


@pytest.fixture(scope="module")
def model(job: Job) -> str:
    assert job.model_id is not None
    return job.model_id


def test_a_trace(service: Client, model: str) -> None:
    told = service.models.trace(model, BATCH, checkpoint=2, training=True)
    first, output = told.layers
    assert (first.name, first.activation, output.activation) == ("layers.0", "tanh", "sigmoid")
    x, w, b = (np.array(n.values) for n in (first.x, *first.parameters.values()))
    assert first.z is not None
    np.testing.assert_allclose(first.z.values, x @ w.T + b, rtol=1e-5)
    assert first.gradients["dW"].shape == first.theta["W"].shape == [5, 2]
    assert told.y_hat.values == output.h.values
    assert told.checkpoint is not None
    assert told.checkpoint.epoch == 2
    assert told.update is not None
    assert first.update is not None
    assert [slot.symbol for slot in told.update.memory] == ["m", "v"]
    moment = first.update.memory["first_moment"]
    assert moment.before["W"].shape == moment.after["W"].shape == [5, 2]
    moved = np.array(first.theta["W"].values) - first.parameters["W"].values
    np.testing.assert_allclose(first.update.change["W"].values, moved, rtol=1e-3, atol=1e-6)
    short = service.models.trace(model, BATCH, checkpoint=2, training=True, update=False)
    assert short.update is None
    assert short.layers[0].update is None
    matrix = [[0.5, 0.8, 0], [1.2, -0.4, 1]]
    assert service.models.trace(model, matrix, checkpoint=2, training=True) == told
    (only,) = service.models.trace(model, matrix, layers=["output"], corner=1).layers
    assert only.x.cut is True
    with pytest.raises(Invalid) as refused:
        service.models.trace(model, matrix, layers=["input"])
    assert refused.value.errors[0].pointer == "/layers/0"


def test_a_gradient_check(service: Client, model: str) -> None:
    found = service.models.check_gradients(model, BATCH, per_block=3, tolerance=1e-5)
    assert found.passed
    assert [block.checked for block in found.blocks] == [3, 3, 3, 1]
    assert found.largest_relative_error is not None
    assert found.largest_relative_error < 1e-5


def test_landscapes(service: Client, model: str) -> None:
    surface = service.models.landscape(model, resolution=3)
    assert np.shape(surface.losses) == (3, 3)
    assert surface.losses[1][1] == surface.loss
    line = service.models.landscape(
        model, BATCH, directions={"kind": "checkpoint", "epoch": 2}, resolution=5
    )
    assert (line.rows, line.dimensions, len(line.losses)) == (2, 1, 5)


def test_importances(service: Client, model: str) -> None:
    found = service.models.importances(model, part="train", inputs=["x2"], score="loss", repeats=2)
    (each,) = found.inputs
    assert (each.column, found.score, found.repeats) == ("x2", "loss", 2)
    assert each.sensitivity is not None
    assert len(each.sensitivity) == 1


def test_a_model_tells_what_is_zero(service: Client, model: str) -> None:
    found = service.models.get(model).sparsity
    assert found is not None
    assert found.share == 0
    assert found.inputs_off == []


def test_a_race(service: Client) -> None:
    race = service.descents.create(
        {"kind": "bowl", "condition": 4},
        [
            {"kind": "sgd", "learning_rate": 0.1},
            {"optimizer": "adam", "schedule": "cosine", "name": "mine"},
        ],
        schedule={"kind": "exponential", "factor": 0.99},
        start=(1.0, -2.0),
        steps=10,
        max_points=3,
        grid=2,
    )
    plain, named = race.paths
    assert (plain.name, named.name) == ("sgd", "mine")
    assert plain.schedule is not None
    assert named.schedule is not None
    assert (plain.schedule["kind"], named.schedule["kind"]) == ("exponential", "cosine")
    assert plain.at == [0, 5, 10]
    assert plain.points[0] == race.start == (1.0, -2.0)
    assert plain.distance == pytest.approx(np.hypot(*plain.end))
    assert race.grid is not None
    assert race.grid.heights[0][0] == 10


def test_questions_are_sent_again_and_make_nothing() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503 if len(sent) == 1 else 422, json={"title": "no", "errors": []})

    with (
        Client(
            "http://service", transport=httpx.MockTransport(answer), sleep=lambda _: None
        ) as client,
        pytest.raises(Invalid),
    ):
        client.descents.create("bowl", ["sgd"])
    assert len(sent) == 2
    assert "Idempotency-Key" not in sent[0].headers
    assert json.loads(sent[1].content) == {"surface": "bowl", "runs": [{"optimizer": "sgd"}]}


def test_tracing_from_a_file(run: Any, model: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("x1,x2,target\n0.5,0.8,0\n1.2,-0.4,1\n")
    got = run("trace", model, "-f", file)
    assert got.exit_code == 0, got.stderr
    forward, _, rest = got.stdout.partition("Backward")
    backward, _, update = rest.partition("Update")
    assert "φ = tanh" in forward
    assert "ŷ" in forward
    assert backward.index("output") < backward.index("layers.0")
    assert "∂L/∂W  5 x 2" in backward
    assert "W  5 x 2" in update
    for moment in ("first_moment", "second_moment"):
        assert f"{moment} of W  " in update
        assert f"{moment} of b, after" in update
    assert r"m \leftarrow" in update
    assert "Nothing is remembered" not in update
    assert "ΔW" in update
    assert "step " in forward


def test_tracing_a_part_of_it(run: Any, job: Job) -> None:
    words = ("trace", job.id, "-f", "-", "--layer", "output", "--corner", 2, "--training")
    got = run(*words, text=json.dumps(BATCH))
    assert "layers.0" not in got.stdout
    assert "…" in got.stdout
    as_json = json.loads(run(*words, "--json", "--checkpoint", 2, text=json.dumps(BATCH)).stdout)
    assert (as_json["training"], as_json["checkpoint"]["epoch"]) == (True, 2)


def test_tracing_what_was_never_trained(run: Any, service: Client) -> None:
    gate = service.models.create(
        definition={
            "spec": {"network": {"layers": []}, "optimizer": "adagrad"},
            "inputs": [{"name": "a"}, {"name": "b"}],
            "target": "both",
            "classes": [False, True],
        },
        weights={"output.weight": [[20, 20]], "output.bias": [-30]},
    )
    got = run("trace", gate.id, "-f", "-", text=json.dumps([{"a": 1, "b": 1, "both": True}]))
    assert got.exit_code == 0, got.stderr
    assert "Nothing is remembered yet" in got.stdout
    assert "sum_of_squares of W, after" in got.stdout


def test_tracing_from_some_unit_on(run: Any, service: Client, model: str) -> None:
    words = ("trace", model, "-f", "-", "--corner", 2, "--first-unit", "layers.0=3")
    got = run(*words, "--strongest", "--json", text=json.dumps(BATCH))
    assert got.exit_code == 0, got.stderr
    w = service.models.trace(model, BATCH).layers[0].parameters["W"].values
    strongest = np.argsort(-np.linalg.norm(w, axis=1))[3:].tolist()
    assert json.loads(got.stdout)["layers"][0]["units"] == strongest
    assert "layers.0 (dense, φ = tanh), units 3, 4" in run(*words, text=json.dumps(BATCH)).stdout
    refused = run("trace", model, "-f", "-", "--first-unit", "layers.0", text=json.dumps(BATCH))
    assert (refused.exit_code, "LAYER=UNIT" in refused.stderr) == (2, True)


def test_descending(run: Any) -> None:
    sgd = "sgd:learning_rate=0.001,momentum=0.5"
    got = run("descend", "--surface", "rosenbrock", "--optimizer", "adam", "--optimizer", sgd)
    assert got.exit_code == 0, got.stderr
    assert sgd in got.stdout
    assert "minima: (1, 1)" in got.stdout
    words = ("descend", "--surface", "bowl:condition=10", "--optimizer", "sgd:learning_rate=0.21")
    got = run(*words, "--start", 1, 1, "--steps", 3000)
    assert "diverged" in got.stdout
    told = json.loads(run(*words, "--schedule", "cosine", "--steps", 2, "--json").stdout)
    assert told["paths"][0]["schedule"]["kind"] == "cosine"
    lions = ("descend", "--optimizer", "lion", "--optimizer", "lion", "--steps", 2)
    each = ("--schedule", "constant", "--schedule", "step:every=1,factor=0.5")
    told = json.loads(run(*lions, *each, "--json").stdout)
    assert [path["schedule"]["kind"] for path in told["paths"]] == ["constant", "step"]
    assert told["paths"][1]["name"] == "lion step:every=1,factor=0.5"
    assert told["paths"][0]["points"][1] == told["paths"][1]["points"][1]
    assert told["paths"][0]["points"][2] != told["paths"][1]["points"][2]
    refused = run(*lions, *each, "--schedule", "cosine")
    assert refused.exit_code == 2
    assert "one for each optimizer" in refused.stderr
    assert run("descend", "--surface", "saddle").stdout.strip().endswith("minima: none")
    assert "diverged" not in run("descend").stdout


def test_what_cannot_be_descended(run: Any) -> None:
    got = run("descend", "--surface", "hill")
    assert got.exit_code == 1
    assert "rosenbrock" in got.stderr
    got = run("descend", "--optimizer", "sgd:fast")
    assert got.exit_code == 2
    assert "name=value" in got.stderr


def test_specs_in_short() -> None:
    assert parse_spec("adam", "--optimizer") == "adam"
    assert parse_spec("sgd:learning_rate=1e-3,nesterov=true,mode=fast", "--optimizer") == {
        "kind": "sgd",
        "learning_rate": 0.001,
        "nesterov": True,
        "mode": "fast",
    }
