"""Jobs for the browser to look at, made over HTTP."""

from typing import Any

import httpx

QUICK: dict[str, Any] = {
    "dataset": {"kind": "xor", "samples": 200},
    "network": {"layers": [{"kind": "dense", "units": 8, "activation": "tanh"}]},
    "training": {"epochs": 40, "seed": 1},
}


def make(client: httpx.Client, **changes: Any) -> str:
    """The id of a new job."""
    answer = client.post("/v1/jobs", json=QUICK | changes)
    assert answer.status_code == 202, answer.text
    identifier: str = answer.json()["id"]
    return identifier


def trained(client: httpx.Client, **changes: Any) -> str:
    """The same, once it has ended well."""
    job = make(client, **changes)
    status = ""
    while status not in {"succeeded", "failed", "cancelled"}:
        headers = {"Prefer": "wait=20"}
        status = client.get(f"/v1/jobs/{job}", headers=headers).json()["status"]
    assert status == "succeeded"
    return job


def delete_all(client: httpx.Client) -> None:
    """Cancel and delete whatever there is."""
    for job in client.get("/v1/jobs?limit=200").json()["data"]:
        path = f"/v1/jobs/{job['id']}"
        client.post(f"{path}/cancel")
        while client.delete(path).status_code == 409:
            client.get(path, headers={"Prefer": "wait=5"})
