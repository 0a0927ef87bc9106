"""Parts of a job's epochs over HTTP."""

from typing import Any

import pytest

from tests.plugins.servers import Served
from tests.service.ended import at_rest, train


@pytest.fixture(scope="module")
def job(training: Served) -> dict[str, Any]:
    return train(
        training,
        dataset={"kind": "xor", "samples": 40},
        training={"epochs": 60, "seed": 1},
        checkpoints={"every": 7},
    )


def ask(served: Served, job: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = served.client.get(f"/v1/jobs/{job['id']}/epochs", params=query)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_part_lies_between_two_numbers(training: Served, job: dict[str, Any]) -> None:
    rows = ask(training, job)["data"]
    assert len(rows) == 60
    part = {"after": rows[19]["seq"], "before": rows[40]["seq"]}
    assert ask(training, job, **part) == {"data": rows[20:40], "next_cursor": None}
    thinned = ask(training, job, **part, max_points=8)
    assert thinned["data"][0] == rows[20]
    assert thinned["data"][-1] == rows[39]
    assert len(thinned["data"]) <= 8
    assert thinned["next_cursor"] is None
    page = ask(training, job, **part, limit=7)
    assert page == {"data": rows[20:27], "next_cursor": rows[26]["seq"]}
    rest = ask(training, job, after=page["next_cursor"], before=part["before"])
    assert rest["data"] == rows[27:40]


def test_a_part_that_is_written_has_an_end_while_the_job_goes_on(training: Served) -> None:
    answer = training.client.post(
        "/v1/jobs",
        json={"dataset": {"kind": "xor"}, "training": {"epochs": 9, "seed": 1}, "paused": True},
    )
    assert answer.status_code == 202, answer.text
    waiting = answer.json()
    asked = training.client.post(f"/v1/jobs/{waiting['id']}/advance", json={"epochs": 3})
    assert asked.status_code == 202, asked.text
    waiting = at_rest(training, waiting["id"])
    assert waiting["progress"]["epoch"] == 3
    rows = ask(training, waiting)
    assert rows["next_cursor"] == rows["data"][-1]["seq"]
    assert ask(training, waiting, before=waiting["seq"] + 1)["next_cursor"] is None
    later = ask(training, waiting, before=waiting["seq"] + 2)
    assert later["next_cursor"] == rows["data"][-1]["seq"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"before": 0}, "greater than or equal to 1"),
        ({"before": "soon"}, "whole number"),
        ({"after": 5, "before": 5}, "greater than `after` (5)"),
        ({"after": 5, "before": 3, "max_points": 100}, "greater than `after` (5)"),
    ],
)
def test_what_is_no_part(
    training: Served, job: dict[str, Any], query: dict[str, Any], says: str
) -> None:
    answer = training.client.get(f"/v1/jobs/{job['id']}/epochs", params=query)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["in"]) == ("/before", "query")
    assert says in error["message"]
