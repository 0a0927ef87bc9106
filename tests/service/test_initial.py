"""Jobs that begin with a model: warm starts, with and without the optimizer's memory."""

from typing import Any

import pytest
from safetensors.numpy import load

from tests.plugins.servers import Served
from tests.service.ended import ended, train

JOB: dict[str, Any] = {
    "dataset": {"kind": "two_moons", "samples": 80},
    "network": {"layers": [{"kind": "dense", "units": 5}, {"kind": "batch_norm"}]},
    "training": {"epochs": 4, "batch_size": 16, "seed": 3},
}


@pytest.fixture(scope="module")
def source(training: Served) -> dict[str, Any]:
    return train(training, **JOB, checkpoints={"every": 1, "keep": 10})


def weights(served: Served, job: dict[str, Any], checkpoint: int | str = "last") -> Any:
    """The arrays, as lists by name; what else is in the file differs from job to job."""
    where = f"/v1/models/{job['model_id']}/weights?checkpoint={checkpoint}"
    answer = served.client.get(where)
    assert answer.status_code == 200, answer.text
    arrays: dict[str, Any] = load(answer.content)
    return {name: array.tolist() for name, array in arrays.items()}


def refused(served: Served, **members: Any) -> dict[str, Any]:
    answer = served.client.post("/v1/jobs?validate_only=true", json=JOB | members)
    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    found: dict[str, Any] = error
    return found


def test_it_begins_with_the_weights_of_the_model(training: Served, source: dict[str, Any]) -> None:
    initial = {"model": source["model_id"], "checkpoint": 2}
    job = training.client.post("/v1/jobs", json=JOB | {"initial": initial, "paused": True}).json()
    assert job["initial"]["model"] == source["model_id"]
    (first,) = training.client.get(f"/v1/jobs/{job['id']}/checkpoints").json()["data"]
    assert (first["epoch"], first["last"]) == (0, True)
    ids = [row["seq"] for row in _events(training, job)]
    assert ids == [1, 2, 3]
    where = f"/v1/jobs/{source['id']}/checkpoints/2"
    assert first["weights_sha256"] == training.client.get(where).json()["weights_sha256"]


def _events(served: Served, job: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = served.client.get(f"/v1/jobs/{job['id']}/events").json()["data"]
    return rows


def test_a_step_too_small_to_matter_leaves_the_model_as_it_was(
    training: Served, source: dict[str, Any]
) -> None:
    job = train(
        training,
        **JOB | {"training": {"epochs": 1, "batch_size": 80, "seed": 9}},
        optimizer={"kind": "sgd", "learning_rate": 1e-30},
        initial={"model": source["model_id"], "checkpoint": "last"},
    )
    after, before = weights(training, job), weights(training, source)
    trained = [name for name in before if ".running_" not in name]
    assert [after[name] for name in trained] == [before[name] for name in trained]


def test_with_the_optimizers_memory_it_goes_on_as_one_training(training: Served) -> None:
    """The same rows in the same order: two halves have the bits of the whole."""
    members = JOB | {
        "validation": "none",
        "network": {"layers": [{"kind": "dense", "units": 5}]},
        "optimizer": {"kind": "nadam", "learning_rate": 0.02},
    }
    spec = {"batch_size": 16, "seed": 3, "shuffle": False}
    whole = train(training, **members | {"training": spec | {"epochs": 6}})
    half = train(training, **members | {"training": spec | {"epochs": 3}})
    begin = {"model": half["model_id"], "checkpoint": "last"}
    goes_on = members | {"training": spec | {"epochs": 3}}
    rest = train(training, **goes_on, initial=begin | {"optimizer_state": True})
    assert weights(training, rest) == weights(training, whole)
    forgetful = train(training, **goes_on, initial=begin)
    assert weights(training, forgetful) != weights(training, whole)


def test_it_needs_the_source_no_more_once_it_is_queued(training: Served) -> None:
    source = train(training, **JOB)
    members = JOB | {"initial": {"model": source["model_id"]}, "paused": True}
    job = training.client.post("/v1/jobs", json=members).json()
    assert training.client.delete(f"/v1/jobs/{source['id']}").status_code == 204
    where = f"/v1/jobs/{job['id']}"
    training.client.post(f"{where}/resume")
    job = ended(training, job["id"])
    assert job["status"] == "succeeded"
    assert not job["inexact_resume"]


def test_inputs_are_prepared_as_the_model_knows_them(training: Served) -> None:
    members = JOB | {"network": {"layers": [{"kind": "dense", "units": 5}]}}
    source = train(training, **members)
    shifted = {"kind": "two_moons", "samples": 60, "noise": 0.4, "seed": 5}
    tiny = {
        "training": {"epochs": 1, "batch_size": 80, "seed": 9},
        "optimizer": {"kind": "sgd", "learning_rate": 1e-30},
        "dataset": shifted,
    }
    answers = []
    for preprocessing in ("source", "fit"):
        initial = {"model": source["model_id"], "checkpoint": "last"}
        initial["preprocessing"] = preprocessing
        job = train(training, **members | tiny, initial=initial)
        answers.append(_probabilities(training, job))
    assert answers[0] == _probabilities(training, source)
    assert answers[1] != answers[0]


def _probabilities(served: Served, job: dict[str, Any]) -> Any:
    rows = {"columns": ["x1", "x2"], "rows": [[0.5, 0.8], [1.2, -0.4]]}
    where = f"/v1/models/{job['model_id']}/predictions?checkpoint=last"
    answer = served.client.post(where, json=rows)
    assert answer.status_code == 200, answer.text
    return answer.json()["probabilities"]


def test_numbers_too_large_for_the_model_are_refused_at_once(training: Served) -> None:
    """Fitted anew they could be scaled; with what the model knows they have no float32."""

    def dataset(factor: float) -> str:
        records = [{"x": factor * i, "y": 2.0 * i} for i in range(20)] + [{"x": None, "y": 1.0}]
        answer = training.client.post("/v1/datasets", json={"records": records, "target": "y"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    model = train(training, **JOB | {"dataset": dataset(1.0)})["model_id"]
    large = {"dataset": dataset(-1e39)}
    error = refused(training, **large, initial={"model": model})
    assert (error["row"], error["column"]) == (19, "x")
    assert "too large" in error["message"]
    train(training, **JOB | large, initial={"model": model, "preprocessing": "fit"})


def test_other_layers_are_refused(training: Served, source: dict[str, Any]) -> None:
    error = refused(
        training,
        network={"layers": [{"kind": "dense", "units": 6}, {"kind": "batch_norm"}]},
        initial={"model": source["model_id"]},
    )
    assert error["pointer"] == "/initial/model"
    assert "layers.0.weight is 5 x 2 in the model, but 6 x 2" in error["message"]


def test_another_optimizer_has_no_use_for_its_memory(
    training: Served, source: dict[str, Any]
) -> None:
    initial = {"model": source["model_id"], "optimizer_state": True}
    error = refused(training, optimizer="sgd", initial=initial)
    assert error["pointer"] == "/initial/optimizer_state"


def test_other_classes_are_refused(training: Served, source: dict[str, Any]) -> None:
    error = refused(training, dataset={"kind": "iris"}, initial={"model": source["model_id"]})
    assert error["pointer"] == "/initial/model"
    assert "among 0, 1" in error["message"]


def test_folds_begin_with_new_weights(training: Served, source: dict[str, Any]) -> None:
    error = refused(training, validation="k_fold", initial={"model": source["model_id"]})
    assert error["pointer"] == "/initial"


@pytest.mark.parametrize("checkpoint", [None, 77])
def test_what_is_not_there(
    training: Served, source: dict[str, Any], checkpoint: int | None
) -> None:
    model = f"mdl_{'0' * 26}" if checkpoint is None else source["model_id"]
    error = refused(training, initial={"model": model, "checkpoint": checkpoint})
    assert error["pointer"] == "/initial"
    assert "here is no" in error["message"]
