"""Requests that cannot be answered, whatever is in them: bodies, paths, methods and parameters."""

import contextlib
import gzip
import json
import logging
import socket
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.plugins.servers import Served

JSON = {"Content-Type": "application/json"}
JOB = {"dataset": "iris"}


def test_a_body_over_the_limit_is_a_problem(served: Served) -> None:
    limit = served.settings.max_body_bytes
    answer = served.client.post("/v1/jobs", content=b" " * (limit + 1), headers=JSON)
    assert_too_large(answer, limit)


def test_a_body_of_unknown_length_over_the_limit_is_a_problem(served: Served) -> None:
    limit = served.settings.max_body_bytes

    def chunks() -> Iterator[bytes]:
        for _ in range(limit // (1 << 20) + 1):
            yield b" " * (1 << 20)

    assert_too_large(served.client.post("/v1/jobs", content=chunks(), headers=JSON), limit)


def test_a_body_that_says_two_lengths_is_counted_or_refused(served: Served) -> None:
    limit = served.settings.max_body_bytes
    address = (served.client.base_url.host, served.client.base_url.port)
    head = (
        "POST /v1/jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(address) as connection:
        connection.settimeout(30)
        with contextlib.suppress(ConnectionError):
            connection.sendall(head.encode())
            for _ in range(limit // (1 << 20) + 1):
                connection.sendall(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
        assert int(connection.recv(64).split()[1]) in {400, 413}


def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_fault_of_the_service(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="trainyard")
    path = "/v1/models/mdl_00000000000000000000000000/predictions"
    address = (served.client.base_url.host, served.client.base_url.port)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        "Content-Length: 50\r\n\r\n{"
    )
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode())
    until = time.monotonic() + 30
    while not (told := [each for each in caplog.records if path in each.getMessage()]):
        assert time.monotonic() < until
        assert served.client.get("/livez").status_code == 200
    assert [each.levelname for each in told] == ["INFO"]
    assert f"{path} 400 " in told[0].getMessage()


def assert_too_large(answer: httpx.Response, limit: int) -> None:
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert f"{limit:,}" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/datasets"])
def test_other_media_types_are_refused(served: Served, path: str) -> None:
    answer = served.client.post(path, content=b"a,b", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert "application/json" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/v1/jobs?limit=0", "/limit"),
        ("/v1/jobs?limit=201", "/limit"),
        ("/v1/jobs?cursor=x", "/cursor"),
        ("/v1/jobs?status=done", "/status/0"),
        ("/v1/jobs?tag=%00", "/tag"),
        ("/v1/datasets?limit=x", "/limit"),
        ("/v1/models?cursor=%00", "/cursor"),
    ],
)
def test_bad_parameters_are_refused(served: Served, path: str, pointer: str) -> None:
    answer = served.client.get(path)
    assert answer.status_code == 422
    error = answer.json()["errors"][0]
    assert (error["pointer"], error["in"]) == (pointer, "query")


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v1/jobs/job_00000000000000000000000000",
        "/v1/jobs/%00",
        "/v1/jobs/x/epochs",
        "/v1/jobs/job_00000000000000000000000000/events",
        "/v1/jobs/job_00000000000000000000000000/checkpoints/x",
        "/v1/datasets/ds_00000000000000000000000000",
        "/v1/datasets/ds_00000000000000000000000000/rows",
        "/v1/models/mdl_00000000000000000000000000",
        "/v1/models/mdl_00000000000000000000000000/weights",
    ],
)
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    answer = served.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_refused_with_those_that_are(served: Served) -> None:
    answer = served.client.put("/v1/jobs")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


def test_head_answers_what_get_would_without_the_body(served: Served) -> None:
    for path in ("/v1/jobs", "/v1/catalog", "/livez", "/v1/jobs/job_nothing"):
        get, head = served.client.get(path), served.client.head(path)
        assert (head.status_code, head.content) == (get.status_code, b"")
        for name in ("content-length", "content-type"):
            assert head.headers[name] == get.headers[name]
    assert served.client.head("/v1/descents").status_code == 405


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_misspelt_query_parameter_is_refused_with_those_that_are_known(
    served: Served, method: str
) -> None:
    body = JOB if method == "POST" else None
    answer = served.client.request(method, "/v1/jobs?validate_onyl=true&limt=3", json=body)
    assert answer.status_code == 422
    first, second = answer.json()["errors"]
    assert (first["pointer"], second["pointer"]) == ("/validate_onyl", "/limt")
    assert first["in"] == "query"
    assert ("validate_only" if method == "POST" else "limit") in first["message"]
    assert served.client.get("/v1/jobs").json()["data"] == []


def test_a_compressed_body_is_refused_as_what_it_is(served: Served) -> None:
    content = gzip.compress(json.dumps(JOB).encode())
    headers = JSON | {"Content-Encoding": "gzip"}
    answer = served.client.post("/v1/jobs", content=content, headers=headers)
    assert answer.status_code == 415
    assert "compressed" in answer.json()["detail"]
    assert answer.headers["accept-encoding"] == "identity"
