"""Jobs over HTTP: planned, made, found, steered, waited for. Nothing trains here."""

import threading
import time
from typing import Any

import pytest

from tests.plugins.servers import Served

TWO_MOONS = {"kind": "two_moons", "samples": 100}


def make(served: Served, **members: Any) -> dict[str, Any]:
    answer = served.client.post("/v1/jobs", json={"dataset": TWO_MOONS} | members)
    assert answer.status_code == 202, answer.text
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['id']}"
    job: dict[str, Any] = answer.json()
    return job


def test_a_plan_tells_everything_and_makes_nothing(served: Served) -> None:
    before = served.client.get("/v1/jobs").json(), served.client.get("/v1/datasets").json()
    body = {
        "dataset": {"kind": "blobs", "samples": 90, "classes": 3, "dimensions": 4},
        "network": {"layers": [{"kind": "dense", "units": 5}, {"kind": "dropout", "rate": 0.5}]},
        "training": {"batch_size": 10},
    }
    plan = served.client.post("/v1/jobs?validate_only=true", json=body).json()
    assert [layer["parameters"] for layer in plan["layers"]] == [4 * 5 + 5, 0, 5 * 3 + 3]
    assert [layer["output_shape"] for layer in plan["layers"]] == [[5], [5], [3]]
    assert plan["parameters"] == 43
    assert (plan["train_rows"], plan["validation_rows"]) == (72, 18)
    assert plan["steps_per_epoch"] == 8
    assert plan["memory_bytes"] > 43 * 4
    assert plan["spec"]["loss"]["kind"] == "cross_entropy"
    assert isinstance(plan["spec"]["training"]["seed"], int)
    assert plan["features"] == ["x1", "x2", "x3", "x4"]
    after = served.client.get("/v1/jobs").json(), served.client.get("/v1/datasets").json()
    assert after == before


def test_a_job_reads_as_it_was_asked_for(served: Served) -> None:
    job = make(
        served,
        name="first",
        tags=["a", "b"],
        metadata={"deep": {"er": [1, None, "x"]}},
        network={"layers": [{"kind": "dense", "units": 3, "activation": "tanh"}]},
        training={"epochs": 9, "seed": 1},
    )
    assert (job["name"], job["tags"]) == ("first", ["a", "b"])
    assert job["metadata"] == {"deep": {"er": [1, None, "x"]}}
    assert (job["status"], job["pending_action"], job["attempt"]) == ("queued", None, 0)
    assert job["spec"]["network"]["layers"][0]["activation"] == {"kind": "tanh"}
    assert job["spec"]["training"]["seed"] == 1
    assert job["progress"]["epochs"] == 9
    assert (job["latest"], job["best"], job["model_id"], job["error"]) == (None, None, None, None)
    assert job["seq"] == 1
    assert served.client.get(f"/v1/jobs/{job['id']}").json() == job


def test_the_perceptron_has_no_hidden_layers(served: Served) -> None:
    assert make(served, network={"layers": []})["spec"]["network"]["layers"] == []


def test_jobs_are_found_by_status_and_tag(served: Served) -> None:
    found = make(served, tags=["findme"])["id"]
    other = make(served, tags=["findme"])["id"]
    served.client.post(f"/v1/jobs/{other}/pause")

    def ids(query: str) -> list[str]:
        return [job["id"] for job in served.client.get(f"/v1/jobs?{query}").json()["data"]]

    assert ids("tag=findme") == [other, found]
    assert ids("tag=findme&status=queued") == [found]
    assert ids("tag=findme&status=queued&status=paused") == [other, found]
    assert ids("tag=findm") == []


def test_name_tags_and_metadata_change_one_by_one(served: Served) -> None:
    job = make(served, name="old", tags=["t"], metadata={"a": 1})
    path = f"/v1/jobs/{job['id']}"
    assert served.client.patch(path, json={"name": None}).json()["name"] is None
    changed = served.client.patch(path, json={"tags": ["u"]}).json()
    assert (changed["tags"], changed["metadata"]) == (["u"], {"a": 1})
    assert served.client.patch(path, json={"metadata": {}}).json()["metadata"] == {}
    assert served.client.patch(path, json={"status": "failed"}).status_code == 422
    assert served.client.patch(path, json={"tags": None}).status_code == 422


def test_a_queued_job_is_paused_resumed_and_cancelled_at_once(served: Served) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    for action, status in (("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")):
        answer = served.client.post(f"{path}/{action}")
        assert (answer.status_code, answer.json()["status"]) == (202, status)
    refused = served.client.post(f"{path}/resume")
    assert refused.status_code == 409
    assert "cancelled" in refused.json()["detail"]


def test_a_deleted_job_is_gone(served: Served) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    assert served.client.delete(path).status_code == 204
    assert served.client.get(path).status_code == 404
    assert served.client.delete(path).status_code == 404


def test_a_state_that_is_known_is_not_sent_again(served: Served) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    known = served.client.get(path).headers["etag"]
    unchanged = served.client.get(path, headers={"If-None-Match": known})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == known
    served.client.patch(path, json={"name": "new"})
    changed = served.client.get(path, headers={"If-None-Match": known})
    assert changed.status_code == 200
    assert changed.headers["etag"] != known


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other",W/{}', "*"])
def test_a_state_is_known_in_every_form_that_http_allows(served: Served, form: str) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    headers = {"If-None-Match": form.format(served.client.get(path).headers["etag"])}
    assert served.client.get(path, headers=headers).status_code == 304
    started = time.monotonic()
    held = served.client.get(path, headers=headers | {"Prefer": "wait=1"})
    assert held.status_code == 304
    assert time.monotonic() - started >= 1


def test_an_answer_is_held_back_until_something_changes(served: Served) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    known = served.client.get(path).headers["etag"]
    answers = []

    def wait() -> None:
        headers = {"If-None-Match": known, "Prefer": "wait=20"}
        answers.append(served.client.get(path, headers=headers))

    waiting = threading.Thread(target=wait)
    waiting.start()
    served.client.post(f"{path}/pause")
    waiting.join()
    assert answers[0].status_code == 200
    assert answers[0].json()["status"] == "paused"
    assert answers[0].headers["preference-applied"] == "wait=20"


def test_an_answer_is_not_held_back_when_the_state_is_news_or_final(served: Served) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    started = time.monotonic()
    news = served.client.get(path, headers={"If-None-Match": '"old"', "Prefer": "wait=20"})
    assert news.status_code == 200
    served.client.post(f"{path}/cancel")
    final = served.client.get(path, headers={"Prefer": "wait=20"})
    assert final.json()["status"] == "cancelled"
    assert time.monotonic() - started < 20


def test_waiting_ends_when_the_time_is_up(served: Served) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    known = served.client.get(path).headers["etag"]
    headers = {"If-None-Match": known, "Prefer": "respond-async, wait=1"}
    assert served.client.get(path, headers=headers).status_code == 304


@pytest.mark.parametrize("status", ["queued", "cancelled"])
def test_events_come_as_pages(served: Served, status: str) -> None:
    path = f"/v1/jobs/{make(served)['id']}"
    if status == "cancelled":
        served.client.post(f"{path}/cancel")
    page = served.client.get(f"{path}/events?limit=1").json()
    assert [event["seq"] for event in page["data"]] == [1]
    assert page["data"][0]["type"] == "transition"
    assert page["data"][0]["transition"]["to_status"] == "queued"
    assert page["next_cursor"] == 1
    rest = served.client.get(f"{path}/events?after=1").json()
    reached = [event["transition"]["to_status"] for event in rest["data"]]
    if status == "cancelled":
        assert (reached, rest["next_cursor"]) == (["cancelled"], None)
    else:
        assert (reached, rest["next_cursor"]) == ([], 1)
