"""From an outcome to a result or a typed error."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from trainyard import errors
from trainyard.protocol.answers import answer, document, refusal
from trainyard.protocol.request import Call, NoResponse, Outcome, Response, get

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PROBLEM = {
    "type": "urn:trainyard:problem:invalid",
    "title": "The request is not valid",
    "status": 422,
    "detail": "/network/layers/0/units: Must be at least 1. (and 1 more)",
    "errors": [
        {"pointer": "/network/layers/0/units", "message": "Must be at least 1.", "in": "body"},
        {"pointer": "", "message": "Row 3 has text.", "in": "body", "row": 3, "column": "age"},
    ],
    "request_id": "abc123",
}


def reply(status: int, body: Any, **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(status, headers, content)


def ask(outcome: Outcome) -> Any:
    return answer(Call(get("/v1/jobs"), document), outcome, NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 304])
def test_a_good_answer_is_decoded(status: int) -> None:
    assert ask(reply(status, {"id": "job_1"})) == {"id": "job_1"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.APIError),
        (409, errors.Conflict),
        (412, errors.Conflict),
        (413, errors.TooLarge),
        (415, errors.UnsupportedMedia),
        (418, errors.APIError),
        (422, errors.Invalid),
        (429, errors.TooManyRequests),
        (500, errors.ServerError),
        (502, errors.Unavailable),
        (503, errors.Unavailable),
        (504, errors.Unavailable),
        (599, errors.ServerError),
    ],
)
def test_every_status_has_its_class(status: int, expected: type[errors.APIError]) -> None:
    with pytest.raises(errors.APIError) as caught:
        ask(reply(status, {"title": "No", "status": status}))
    assert type(caught.value) is expected
    assert caught.value.status == status


def test_a_problem_document_is_told_whole() -> None:
    error = refusal(reply(422, PROBLEM), NOW)
    assert isinstance(error, errors.Invalid)
    assert error.type == "urn:trainyard:problem:invalid"
    assert error.title == "The request is not valid"
    assert error.request_id == "abc123"
    assert error.pointers == ("/network/layers/0/units", "")
    assert (error.errors[1].row, error.errors[1].column) == (3, "age")
    assert error.problem == PROBLEM


def test_the_message_names_every_place_once() -> None:
    assert str(refusal(reply(422, PROBLEM), NOW)).splitlines() == [
        "422 The request is not valid",
        "  /network/layers/0/units: Must be at least 1.",
        "  Row 3 has text.",
        "  (request abc123)",
    ]


def test_the_detail_is_told_where_no_place_is() -> None:
    problem = {"title": "Not found", "detail": "There is no job job_1."}
    assert str(refusal(reply(404, problem), NOW)) == "404 Not found: There is no job job_1."


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Bad gateway</html>",
        b"",
        b"\xff\xfe",
        [],
        None,
        "down",
        {"errors": "none", "type": 5},
    ],
)
def test_what_a_proxy_answers_is_an_error_too(body: Any) -> None:
    error = refusal(reply(502, body), NOW)
    assert isinstance(error, errors.Unavailable)
    assert error.errors == ()


def test_the_request_id_may_be_in_a_header() -> None:
    headers = {"x-request-id": "from-header"}
    assert refusal(Response(500, headers, b"oops"), NOW).request_id == "from-header"


def test_retry_after_is_kept() -> None:
    assert refusal(Response(429, {"retry-after": "9"}, b""), NOW).retry_after == 9.0


@pytest.mark.parametrize(
    ("timed_out", "expected"), [(False, errors.ConnectionFailed), (True, errors.TimedOut)]
)
def test_no_answer_at_all(timed_out: bool, expected: type[Exception]) -> None:
    with pytest.raises(errors.ConnectionFailed, match="gone") as caught:
        ask(NoResponse("gone", timed_out))
    assert type(caught.value) is expected


def test_something_that_is_no_trainyard() -> None:
    with pytest.raises(errors.UnexpectedReply, match="text/html"):
        ask(Response(200, {"content-type": "text/html"}, b"<html>"))


def test_json_of_another_shape() -> None:
    from trainyard.results import Job

    with pytest.raises(errors.UnexpectedReply, match="contract"):
        answer(Call(get("/v1/jobs/1"), Job.read), reply(200, {"nothing": 1}), NOW)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Every error class is drawn, and everything drawn exists, each below its base."""
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        name = line.strip(" │├└─").split("  ")[0].strip()
        if name.isidentifier() and hasattr(errors, name):
            depth = (len(line) - len(line.lstrip(" │├└─"))) // 4 - 1
            path = [*path[:depth], name]
            drawn[name] = path[-2] if len(path) > 1 else "Exception"
    classes = [
        member
        for member in vars(errors).values()
        if isinstance(member, type) and issubclass(member, errors.TrainyardError)
    ]
    assert drawn == {member.__name__: member.__bases__[0].__name__ for member in classes}
