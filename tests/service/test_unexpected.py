"""What nobody expected: the caller learns a request id, the log the cause."""

import logging

import pytest

from service.repositories import jobs
from tests.plugins.servers import Served


def test_an_unexpected_error_is_a_problem_without_details(
    served: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise RuntimeError("the secret cause")

    monkeypatch.setattr(jobs, "page", fail)
    answer = served.client.get("/v1/jobs")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == "urn:trainyard:problem:internal"
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert problem["request_id"] == answer.headers["x-request-id"]
    logged = caplog.records[-1]
    assert problem["request_id"] in logged.getMessage()
    assert logged.exc_info is not None
    assert str(logged.exc_info[1]) == "the secret cause"


def test_the_service_goes_on_afterwards(served: Served) -> None:
    assert served.client.get("/v1/jobs").status_code == 200


def test_every_request_is_a_line_in_the_log(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="trainyard.access"):
        answer = served.client.get("/v1/jobs/a%0Ab")
        # The line is written after the answer; the next answer comes after the line.
        served.client.get("/livez")
    lines = [record.getMessage() for record in caplog.records if record.name == "trainyard.access"]
    assert lines[0].startswith("GET /v1/jobs/a%0Ab 404 ")
    assert lines[0].endswith(answer.headers["x-request-id"])
