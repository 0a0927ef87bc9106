"""What nobody expected: the caller learns a request id, the log the cause."""

import errno
import logging
from typing import BinaryIO

import pytest
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from service.datasets import storage
from service.datasets.frame import Frame
from service.jobs import repository as jobs
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


@pytest.mark.parametrize(
    "cause", [OperationalError("SELECT", {}, Exception("secret")), PoolTimeoutError("secret")]
)
def test_a_database_that_does_not_answer_is_worth_another_try(
    served: Served,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    cause: SQLAlchemyError,
) -> None:
    def fail(*_arguments: object, **_named: object) -> None:
        raise cause

    monkeypatch.setattr(jobs, "page", fail)
    answer = served.client.get("/v1/jobs")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:trainyard:problem:unavailable"
    assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in answer.text
    assert caplog.records[-1].exc_info is not None


def test_a_full_disk_takes_no_dataset_and_keeps_no_part_of_it(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(_frame: Frame, file: BinaryIO) -> None:
        file.write(b"A")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage, "write_ipc", fill)
    answer = served.client.post("/v1/datasets", json={"records": [{"a": 1.0}, {"a": 2.0}]})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:trainyard:problem:unavailable"
    assert not [path for path in served.settings.data_dir.rglob("*.part") if path.is_file()]
    assert served.client.get("/v1/datasets").json()["data"] == []


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
