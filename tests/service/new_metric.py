"""A job that is measured by a metric nobody shipped; as a script, it prints where that turns up.

It runs in a process of its own, over a copy of the engine in which the metric stands.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from service.database import migration
from service.settings import Settings
from tests.plugins.servers import Served, serving
from tests.service.ended import train
from trainyard import Client

JOB: dict[str, Any] = {
    "dataset": {"kind": "diabetes"},
    "training": {"epochs": 6, "seed": 1},
    "stopping": [{"kind": "target", "metric": "rmse", "value": 1000.0}],
}


def findings(folder: Path) -> dict[str, Any]:
    """What is said of the metric by the API, its document and its client."""
    settings = Settings(data_dir=folder, slots=1)
    template = folder / "template.sqlite3"
    migration.upgrade(f"sqlite:///{template}")
    with serving(settings, template, worker=True) as served:
        job = train(served, **JOB)
        return {"best": job["best"], "stop_reason": job["stop_reason"], **_asked(served, job["id"])}


def _asked(served: Served, job: str) -> dict[str, Any]:
    refused = served.client.post(
        "/v1/jobs",
        json=JOB | {"dataset": {"kind": "two_moons"}},
    )
    with Client(served.url) as client:
        rows = client.jobs.epochs(job).to_dataframe("polars").to_dicts()
    return {
        "epochs": served.client.get(f"/v1/jobs/{job}/epochs").json()["data"],
        "known": '"rmse"' in served.client.get("/openapi.json").text,
        "refused": refused.json()["errors"],
        "rows": rows,
    }


if __name__ == "__main__":
    print(json.dumps(findings(Path(sys.argv[1]))))  # noqa: T201 - this is the script's answer
