"""Diagnostics over HTTP: asked for in the spec, read with the epochs."""

import pytest

from tests.plugins.servers import Served
from tests.service.ended import train


def test_epochs_carry_what_was_asked_for(training: Served) -> None:
    job = train(
        training,
        dataset={"kind": "two_moons", "samples": 100},
        network={"layers": [{"kind": "dense", "units": 6}]},
        training={"epochs": 4, "seed": 1},
        diagnostics={"every": 2, "bins": 5},
    )
    where = f"/v1/jobs/{job['id']}/epochs"
    rows = training.client.get(where).json()["data"]
    assert [row["diagnostics"] is not None for row in rows] == [False, True, False, True]
    for query in ("diagnosed=true", "diagnosed=true&max_points=8"):
        assert training.client.get(f"{where}?{query}").json()["data"] == [rows[1], rows[3]]
    hidden, output = rows[-1]["diagnostics"]["layers"]
    assert (hidden["layer"], hidden["units"], output["layer"]) == ("layers.0", 6, "output")
    assert hidden["gradient_norm"] > 0
    assert hidden["update_ratio"] == pytest.approx(hidden["update_norm"] / hidden["weight_norm"])
    assert sum(hidden["weights"]["counts"]) == 2 * 6 + 6


def test_nothing_is_measured_that_nobody_asked_for(training: Served) -> None:
    job = train(training, dataset={"kind": "xor", "samples": 64}, training={"epochs": 2, "seed": 1})
    rows = training.client.get(f"/v1/jobs/{job['id']}/epochs").json()["data"]
    assert [row["diagnostics"] for row in rows] == [None, None]


def test_bounds_have_a_pointer(training: Served) -> None:
    body = {"dataset": {"kind": "xor"}, "diagnostics": {"every": 0}}
    answer = training.client.post("/v1/jobs", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/diagnostics/every"
