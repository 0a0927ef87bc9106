"""Optimizers on analytic surfaces: their paths are those of plain NumPy."""

from typing import Any

import numpy as np
import pytest

from tests.plugins.servers import Served


def race(served: Served, surface: Any, *runs: Any, **members: Any) -> dict[str, Any]:
    body = {"surface": surface, "runs": list(runs)} | members
    answer = served.client.post("/v1/descents", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_plain_descent_on_a_bowl(served: Served) -> None:
    bowl = {"kind": "bowl", "condition": 4.0}
    run = {"optimizer": {"kind": "sgd", "learning_rate": 0.1}}
    found = race(served, bowl, run, start=[1, -2], steps=30)
    (path,) = found["paths"]
    steps = np.arange(31)
    # theta_t = (1 - eta lambda)^t theta_0 along each axis
    expected = np.stack([0.9**steps, -2 * 0.6**steps], axis=1)
    np.testing.assert_allclose(path["points"], expected, rtol=1e-12)
    np.testing.assert_allclose(
        path["values"], 0.5 * (expected[:, 0] ** 2 + 4 * expected[:, 1] ** 2), rtol=1e-12
    )
    assert path["at"] == steps.tolist()
    assert path["end"] == path["points"][-1]
    assert path["value"] == path["values"][-1]
    assert path["distance"] == pytest.approx(np.hypot(*expected[-1]))
    assert (path["steps"], path["diverged"], path["name"]) == (30, False, "sgd")
    assert found["minima"] == [[0, 0]]
    assert found["surface"] == {"kind": "bowl", "condition": 4.0}


def test_adam_on_rosenbrock_with_a_schedule(served: Served) -> None:
    run = {
        "optimizer": {"kind": "adam", "learning_rate": 0.1},
        "schedule": {"kind": "exponential", "factor": 0.9},
        "name": "cooling",
    }
    found = race(served, "rosenbrock", run, steps=40)
    theta = np.array([-1.2, 1.0])
    m = v = np.zeros(2)
    expected = [theta]
    for t in range(1, 41):
        x, y = theta
        gradient = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
        m = 0.9 * m + 0.1 * gradient
        v = 0.999 * v + 0.001 * gradient**2
        step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        theta = theta - 0.1 * 0.9 ** (t - 1) * step
        expected.append(theta)
    (path,) = found["paths"]
    np.testing.assert_allclose(path["points"], expected, rtol=1e-9)
    assert path["name"] == "cooling"
    assert path["schedule"]["factor"] == 0.9
    assert found["start"] == [-1.2, 1.0]


def test_a_rate_that_is_too_high_diverges(served: Served) -> None:
    runs = [{"optimizer": {"kind": "sgd", "learning_rate": rate}} for rate in (0.19, 0.21)]
    low, high = race(served, {"kind": "bowl", "condition": 10.0}, *runs, steps=2000)["paths"]
    assert low["diverged"] is False
    assert low["distance"] < 1e-6
    assert high["diverged"] is True
    assert high["steps"] < 2000
    assert np.isfinite(high["points"]).all()


def test_every_optimizer_on_every_surface(served: Served) -> None:
    families = served.client.get("/v1/catalog").json()["families"]
    runs = [{"optimizer": entry["kind"]} for entry in families["optimizer"]]
    surfaces = [entry["kind"] for entry in families["surface"]]
    assert {"rosenbrock", "himmelblau", "rastrigin", "saddle"} <= set(surfaces)
    for surface in surfaces:
        for part in (runs[:8], runs[8:]):
            for path in race(served, surface, *part, steps=50)["paths"]:
                fell = min(path["values"]) < path["values"][0]
                assert fell or path["diverged"], (surface, path["name"])


def test_a_long_path_is_thinned_out_between_its_ends(served: Served) -> None:
    run = {"optimizer": "adam"}
    whole = race(served, "beale", run, steps=1000, max_points=2000)["paths"][0]
    thin = race(served, "beale", run, steps=1000, max_points=11)["paths"][0]
    assert thin["at"] == list(range(0, 1001, 100))
    assert thin["points"] == whole["points"][::100]
    assert thin["values"] == whole["values"][::100]


def test_the_surface_can_be_drawn(served: Served) -> None:
    wanted = {"resolution": 5, "x": {"low": -1.0, "high": 1.0}}
    grid = race(served, "rosenbrock", {"optimizer": "sgd"}, steps=1, grid=wanted)["grid"]
    x, y = np.meshgrid(np.linspace(-1, 1, 5), np.linspace(-1, 3, 5))
    np.testing.assert_allclose(grid["heights"], (1 - x) ** 2 + 100 * (y - x * x) ** 2)
    assert grid["x"] == x[0].tolist()
    assert grid["y"] == y[:, 0].tolist()


SGD = {"optimizer": "sgd"}


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"surface": "hill"}, "/surface"),
        ({"surface": {"kind": "bowl", "condition": 0}}, "/surface/condition"),
        ({"surface": {"kind": "bowl", "condition": 1e308}, "start": [0, 100]}, "/start"),
        ({"runs": []}, "/runs"),
        ({"runs": [SGD] * 11}, "/runs"),
        ({"runs": [{"optimizer": "newton"}]}, "/runs/0/optimizer"),
        ({"runs": [SGD | {"schedule": "reduce_on_plateau"}]}, "/runs/0/schedule"),
        (
            {"runs": [{"optimizer": {"kind": "sgd", "learning_rate": -1}}]},
            "/runs/0/optimizer/learning_rate",
        ),
        ({"start": [1]}, "/start"),
        ({"start": [1, 1e7]}, "/start/1"),
        ({"start": ["1", 1]}, "/start/0"),
        ({"steps": 0}, "/steps"),
        ({"steps": 10_000, "runs": [{"optimizer": {"kind": "lbfgs", "history": 100}}]}, "/steps"),
        ({"max_points": 1}, "/max_points"),
        ({"grid": {"resolution": 102}}, "/grid/resolution"),
        ({"grid": {"x": {"low": 1, "high": 1}}}, "/grid/x"),
    ],
)
def test_what_cannot_be_descended_is_refused(
    served: Served, members: dict[str, Any], pointer: str
) -> None:
    body = {"surface": "rosenbrock", "runs": [SGD]} | members
    answer = served.client.post("/v1/descents", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
