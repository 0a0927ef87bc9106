"""Jobs that have ended, made over HTTP."""

from typing import Any

from tests.plugins.servers import Served


def train(served: Served, **members: Any) -> dict[str, Any]:
    """Make a job and wait for its end."""
    answer = served.client.post("/v1/jobs", json=members)
    assert answer.status_code == 202, answer.text
    job: dict[str, Any] = answer.json()
    while job["finished_at"] is None:
        path = f"/v1/jobs/{job['id']}"
        job = served.client.get(path, headers={"Prefer": "wait=20"}).json()
    assert job["status"] == "succeeded", job
    return job
