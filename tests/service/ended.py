"""Jobs that have come to an end or to a rest, made over HTTP."""

from collections.abc import Callable
from typing import Any

from tests.plugins.servers import Served


def train(served: Served, **members: Any) -> dict[str, Any]:
    """Make a job and wait for its end."""
    answer = served.client.post("/v1/jobs", json=members)
    assert answer.status_code == 202, answer.text
    job = ended(served, answer.json()["id"])
    assert job["status"] == "succeeded", job
    return job


def ended(served: Served, job: str) -> dict[str, Any]:
    """Wait for the end of a job."""
    return settled(served, job, lambda found: found["finished_at"] is not None)


def at_rest(served: Served, job: str) -> dict[str, Any]:
    """Wait until no worker has a job, nor will have."""
    return settled(served, job, lambda found: found["status"] not in {"queued", "running"})


def settled(
    served: Served, job: str, condition: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Wait until a job is so; by its tag, so that no change is slept through."""
    path = f"/v1/jobs/{job}"
    answer = served.client.get(path)
    while not condition(found := answer.json()):
        headers = {"Prefer": "wait=20", "If-None-Match": answer.headers["ETag"]}
        news = served.client.get(path, headers=headers)
        answer = answer if news.status_code == 304 else news
    state: dict[str, Any] = found
    return state
