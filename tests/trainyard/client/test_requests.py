"""What is sent, operation by operation."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.trainyard.client.scripted import JOB, Connect, ok


def test_a_job_is_made_from_a_mapping_and_keywords(connect: Connect) -> None:
    client, transport = connect(ok({"id": "ds_1"}, 201), ok(status=202))
    data = client.datasets.create(builtin="iris")
    job = client.jobs.create({"name": "a", "training": {"epochs": 1}}, name="b", dataset=data)
    body = json.loads(transport.requests[1].content)
    assert body == {"name": "b", "training": {"epochs": 1}, "dataset": "ds_1"}
    assert job.progress.epochs == 9


def test_a_plan_makes_nothing(connect: Connect) -> None:
    client, transport = connect(ok({"parameters": 12, "layers": []}))
    assert client.jobs.plan(dataset="ds_1").parameters == 12
    (request,) = transport.requests
    assert request.url.params["validate_only"] == "true"
    assert "Idempotency-Key" not in request.headers


@pytest.mark.parametrize("action", ["cancel", "pause", "resume"])
def test_actions(connect: Connect, action: str) -> None:
    client, transport = connect(ok(JOB | {"pending_action": action}, 202))
    assert getattr(client.jobs, action)("job_1").pending_action == action
    assert transport.requests[0].url.path == f"/v1/jobs/job_1/{action}"


def test_deleting_gives_nothing(connect: Connect) -> None:
    client, transport = connect(httpx.Response(204), httpx.Response(204))
    client.jobs.delete("job_1")
    client.datasets.delete("ds_1")
    assert [request.method for request in transport.requests] == ["DELETE", "DELETE"]


def test_a_file_is_uploaded_with_its_name_and_target(connect: Connect, tmp_path: Any) -> None:
    file = tmp_path / "birds.csv"
    file.write_bytes(b"a,b\n1,2\n")
    client, transport = connect(ok({"id": "ds_1"}, 201))
    client.datasets.create(file=file, target="b")
    (request,) = transport.requests
    assert request.headers["Content-Type"].startswith("multipart/form-data")
    assert b'name="target"\r\n\r\nb\r\n' in request.content
    assert b'name="file"; filename="birds.csv"' in request.content
    assert b"a,b\n1,2\n" in request.content
    assert request.headers["Idempotency-Key"]


@pytest.mark.parametrize("sources", [{}, {"builtin": "iris", "rows": [{"a": 1}]}])
def test_a_dataset_has_one_source(connect: Connect, sources: dict[str, Any]) -> None:
    client, _ = connect()
    with pytest.raises(TypeError, match="one of"):
        client.datasets.create(**sources)


def test_predictions(connect: Connect) -> None:
    answers = {
        "model_id": "mdl_1",
        "target": "kind",
        "predictions": ["a", "b"],
        "classes": ["a", "b"],
        "probabilities": [[0.9, 0.1], [0.2, 0.8]],
    }
    client, transport = connect(ok(answers))
    got = client.predictions.create("mdl_1", [{"x": 1.0}, {"x": float("nan")}], checkpoint=7)
    assert got.predictions == ["a", "b"]
    (request,) = transport.requests
    assert json.loads(request.content) == {"records": [{"x": 1.0}, {"x": None}]}
    assert request.url.params["checkpoint"] == "7"


def test_weights_are_bytes(connect: Connect) -> None:
    client, _ = connect(httpx.Response(200, content=b"\x08\0weights"))
    assert client.models.weights("mdl_1") == b"\x08\0weights"


def test_infinity_is_refused_before_it_is_sent(connect: Connect) -> None:
    client, transport = connect()
    with pytest.raises(ValueError, match="JSON"):
        client.jobs.create(training={"epochs": float("inf")})
    assert transport.requests == []
