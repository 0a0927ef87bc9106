"""A request that is sent twice with one key is carried out once."""

from typing import Any
from uuid import uuid4

import pytest

from tests.plugins.servers import Served

JOB = {"dataset": "iris", "training": {"epochs": 1}}


def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def test_the_same_job_twice_is_one_job(served: Served) -> None:
    headers = key()
    first = served.client.post("/v1/jobs", json=JOB, headers=headers)
    again = served.client.post("/v1/jobs", json=JOB, headers=headers)
    assert first.status_code == again.status_code == 202
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"


def test_without_a_key_it_is_two(served: Served) -> None:
    ids = {served.client.post("/v1/jobs", json=JOB).json()["id"] for _ in range(2)}
    assert len(ids) == 2


def test_a_key_is_for_one_body(served: Served) -> None:
    headers = key()
    served.client.post("/v1/jobs", json=JOB, headers=headers)
    answer = served.client.post("/v1/jobs", json=JOB | {"name": "other"}, headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["in"] == "header"


def test_a_refused_request_may_be_mended_and_sent_with_its_key(served: Served) -> None:
    headers = key()
    assert served.client.post("/v1/jobs", json={}, headers=headers).status_code == 422
    wrong = JOB | {"dataset": "ds_nothing"}
    assert served.client.post("/v1/jobs", json=wrong, headers=headers).status_code == 422
    assert served.client.post("/v1/jobs", json=JOB, headers=headers).status_code == 202


def test_the_same_upload_twice_is_one_dataset(served: Served) -> None:
    headers = key()
    file = {"file": ("data.csv", b"a,b\n1,2\n3,4\n")}
    data = {"target": "b", "name": "twice"}
    first = served.client.post("/v1/datasets", files=file, data=data, headers=headers)
    again = served.client.post("/v1/datasets", files=file, data=data, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    other = {"file": ("data.csv", b"a,b\n1,2\n3,5\n")}
    refused = served.client.post("/v1/datasets", files=other, data=data, headers=headers)
    assert refused.status_code == 422


@pytest.mark.parametrize("bad", ["", "a b", "k" * 256])
def test_a_key_is_a_short_text_without_spaces(served: Served, bad: Any) -> None:
    answer = served.client.post("/v1/jobs", json=JOB, headers={"Idempotency-Key": bad})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/Idempotency-Key"
