"""Requests beside an empty application, and beside MLServer where one is running.

The endpoints take turns, round by round, so that a busy minute of the machine falls on all of them;
what is compared is the median of the ratios within a round.
"""

import json
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks import processes, report
from benchmarks.load import load, request
from trainyard import Client
from trainyard.results import Job

CONNECTIONS = 16
KEY = "benchmark"
SYNCHRONOUS, POSTING = "empty def endpoint", "empty endpoint, JSON body"
LOOKING, PREDICTING = "GET /v1/jobs/{id}", "POST …/predictions, one row"
MLSERVER = "MLServer, one row"
GOALS = (
    ("a job, requests/s over those of an empty def endpoint", "at least 0.5"),
    ("a prediction, median over that of an empty endpoint", "at most 2.5"),
    ("a prediction, requests/s over those of MLServer", "at least 2"),
)


@dataclass(frozen=True)
class Target:
    """Where one prepared request goes."""

    address: str
    payload: bytes


def measure(
    client: Client, address: str, rounds: int, seconds: float, mlserver: str | None
) -> dict[str, Any]:
    """Every endpoint with one connection and with many; ``seconds`` for each, in each round."""
    with processes.empty_app() as empty:
        targets = _targets(client, address, empty, mlserver)
        for target in targets.values():
            load(target.address, target.payload, CONNECTIONS, seconds)
        measured = [
            {name: _once(target, seconds) for name, target in targets.items()}
            for _ in range(rounds)
        ]
    _show(measured)
    ratios = _ratios(measured)
    report.show(
        "Ratios, medians over the rounds",
        ["what", "goal", "ratio"],
        [[what, goal, _number(ratios[what])] for what, goal in GOALS],
    )
    return {"rounds": measured, "ratios": ratios}


def _once(target: Target, seconds: float) -> dict[str, float]:
    one = load(target.address, target.payload, 1, seconds)
    many = load(target.address, target.payload, CONNECTIONS, seconds)
    return {
        "median_milliseconds": 1e3 * one.median_seconds,
        "requests_per_second": many.requests_per_second,
    }


def _ratios(measured: list[dict[str, dict[str, float]]]) -> dict[str, float | None]:
    def ratio(name: str, over: str, what: str) -> float | None:
        values = [each[name][what] / each[over][what] for each in measured if over in each]
        return median(values) if values else None

    rate, time = "requests_per_second", "median_milliseconds"
    values = (
        ratio(LOOKING, SYNCHRONOUS, rate),
        ratio(PREDICTING, POSTING, time),
        ratio(PREDICTING, MLSERVER, rate),
    )
    return {what: value for (what, _), value in zip(GOALS, values, strict=True)}


def _show(measured: list[dict[str, dict[str, float]]]) -> None:
    rows = []
    for name in measured[0]:
        time = median(each[name]["median_milliseconds"] for each in measured)
        rate = median(each[name]["requests_per_second"] for each in measured)
        rows.append([name, f"{time:.2f}", f"{rate:.0f}"])
    columns = ["endpoint", "median ms, 1 connection", f"requests/s, {CONNECTIONS} connections"]
    report.show(f"HTTP, medians of {len(measured)} rounds", columns, rows)


def _number(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}"


def _targets(client: Client, address: str, empty: str, mlserver: str | None) -> dict[str, Target]:
    job, record = _trained_digits(client)
    body = json.dumps({"records": [record]}).encode()
    json_type = {"Content-Type": "application/json"}
    key = {"Authorization": f"Bearer {KEY}"}
    predictions = f"/v1/models/{job.model_id}/predictions"
    targets = {
        SYNCHRONOUS: Target(empty, request("GET", "/sync", empty)),
        "empty async def endpoint": Target(empty, request("GET", "/async", empty)),
        POSTING: Target(empty, request("POST", "/async", empty, json_type, body)),
        LOOKING: Target(address, request("GET", f"/v1/jobs/{job.id}", address, key)),
        PREDICTING: Target(address, request("POST", predictions, address, key | json_type, body)),
    }
    if mlserver is not None:
        targets[MLSERVER] = _mlserver(mlserver, list(record.values()), json_type)
    return targets


def _mlserver(address: str, row: list[float], headers: dict[str, str]) -> Target:
    """A model named `digits`, asked by the Open Inference Protocol."""
    tensor = {"name": "x", "shape": [1, len(row)], "datatype": "FP32", "data": row}
    body = json.dumps({"inputs": [tensor]}).encode()
    return Target(address, request("POST", "/v2/models/digits/infer", address, headers, body))


def _trained_digits(client: Client) -> tuple[Job, dict[str, float]]:
    """A small model of the digits, 64-128-64-10, and a record to ask it about."""
    job = client.jobs.wait(
        client.jobs.create(
            dataset={"kind": "digits"},
            network={"layers": [{"kind": "dense", "units": n} for n in (128, 64)]},
            training={"epochs": 5, "seed": 1},
        )
    )
    assert job.model_id is not None
    model = client.models.get(job.model_id)
    return job, {column.name: 1.0 for column in model.inputs}
