"""What a client gives: values with methods, and everything that can be imported."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import sys
from types import SimpleNamespace

import httpx
import pytest

import trainyard
from tests.trainyard.client.scripted import EPOCH, JOB, Connect, Recording, ok
from trainyard import Client, NoModel, NotConnected


def test_a_job_without_a_model_says_so(connect: Connect) -> None:
    client, _ = connect(ok(JOB))
    with pytest.raises(NoModel, match="job_1 is running and has no model: wait"):
        client.jobs.model("job_1")


def test_methods_of_a_job_are_those_of_jobs(connect: Connect) -> None:
    client, transport = connect(ok(JOB), ok(JOB), httpx.Response(204))
    job = client.jobs.get("job_1")
    job.advance(steps=3, idempotency_key="k").delete()
    advanced, deleted = transport.requests[1:]
    assert json.loads(advanced.content) == {"steps": 3}
    assert advanced.headers["Idempotency-Key"] == "k"
    assert (deleted.method, deleted.url.path) == ("DELETE", "/v1/jobs/job_1")


def test_a_job_is_a_value_whose_client_is_no_part_of_it() -> None:
    with Client("http://yard:9", transport=Recording(ok(), ok())) as client:
        job = client.jobs.get("job_1")
        same = pickle.loads(pickle.dumps(job))
        assert same == job == client.jobs.get("job_1") == copy.deepcopy(job)
    with pytest.raises(NotConnected, match="this Job has no client"):
        same.refresh()


def test_methods_tell_their_own_signature() -> None:
    with Client("http://yard:9", transport=Recording(ok())) as client:
        job = client.jobs.get("job_1")
    assert str(inspect.signature(job.advance)).startswith("(*, epochs: ")
    assert "go on for so many epochs" in (inspect.getdoc(job.advance) or "")


def test_members_of_a_newer_service_are_kept(connect: Connect) -> None:
    client, _ = connect(ok(JOB | {"mood": "good"}))
    assert client.jobs.get("job_1").mood == "good"  # type: ignore[attr-defined]


def test_everything_public_can_be_imported_from_the_package() -> None:
    from trainyard import async_client, client, errors, events, insights, results

    for module in (async_client, client, errors, events, insights, results):
        for name in module.__all__:
            assert getattr(trainyard, name) is getattr(module, name)
    with pytest.raises(AttributeError, match="nonsense"):
        trainyard.nonsense  # noqa: B018


@pytest.mark.parametrize("is_notebook", [False, True])
def test_a_job_whose_curves_cannot_be_had_is_given_all_the_same(
    connect: Connect, is_notebook: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = SimpleNamespace(kernel="there") if is_notebook else SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    client, transport = connect(ok(JOB | {"latest": EPOCH}), ok({"title": "Gone"}, 404))
    card = client.jobs.get("job_1")._repr_html_()
    assert "job_1" in card
    assert "<polyline" not in card
    asked = [request.url.path for request in transport.requests]
    assert asked[0] == "/v1/jobs/job_1"
    assert set(asked[1:]) <= {"/v1/jobs/job_1/epochs"}
