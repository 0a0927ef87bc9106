"""A database of an earlier version opens, says what it said, predicts the same, and trains on."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from service.database import migration
from service.settings import Settings
from tests.plugins.servers import Served, serving
from tests.service.earlier_version import what_is_said

ARCHIVES = sorted((Path(__file__).parent / "data").glob("*.zip"))
POLLS = 2000


@pytest.fixture(scope="module", params=ARCHIVES, ids=[each.name for each in ARCHIVES])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an archive holds: the data directory, and the answers of the version that made it."""
    folder = tmp_path_factory.mktemp("earlier")
    with zipfile.ZipFile(request.param) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def earlier(folder: Path) -> Iterator[Served]:
    settings = Settings(data_dir=folder / "data", slots=1)
    migration.upgrade(settings.resolved_database_url)
    with serving(settings, worker=True) as served:
        yield served


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, Any]:
    answers: dict[str, Any] = json.loads((folder / "answers.json").read_text())
    return answers


@pytest.fixture(scope="module")
def says(earlier: Served) -> dict[str, Any]:
    """What the service says now, asked once and before anything is changed."""
    return what_is_said(earlier.client)


def test_there_is_an_archive() -> None:
    assert ARCHIVES


def test_everything_is_told_as_before(said: dict[str, Any], says: dict[str, Any]) -> None:
    assert says["get"].keys() == said["get"].keys()
    for path, answer in said["get"].items():
        assert _contains(says["get"][path], answer), path


def test_weights_are_the_same_bytes(said: dict[str, Any], says: dict[str, Any]) -> None:
    assert len(said["weights"]) == 5  # the job that diverged has none
    assert says["weights"] == said["weights"]


def test_models_predict_the_same(said: dict[str, Any], says: dict[str, Any]) -> None:
    assert len(said["predictions"]) == 5  # the job that diverged has none
    for model, answer in said["predictions"].items():
        _assert_close(says["predictions"][model], answer)


def test_a_paused_job_goes_on(said: dict[str, Any], earlier: Served) -> None:
    (job,) = (job for job in said["get"]["/v1/jobs"]["data"] if job["status"] == "paused")
    path, before = f"/v1/jobs/{job['id']}", job["progress"]["epoch"]
    assert earlier.client.post(f"{path}/resume").status_code == 202
    now = _wait(earlier, path, lambda job: job["progress"]["epoch"] > before)
    assert now["inexact_resume"] is True
    assert earlier.client.post(f"{path}/cancel").status_code == 202
    done = _wait(earlier, path, lambda job: job["status"] == "cancelled")
    epochs = earlier.client.get(f"{path}/epochs", params={"max_points": 50}).json()["data"]
    assert epochs[0]["epoch"] == 1
    assert epochs[-1]["epoch"] == done["progress"]["epoch"]


def test_a_job_starts_from_a_model_of_it(said: dict[str, Any], earlier: Served) -> None:
    (job,) = (job for job in said["get"]["/v1/jobs"]["data"] if job["name"] == "classifier")
    spec = {"dataset": job["dataset"]["id"], "initial": {"model": job["model_id"]}}
    spec |= {"network": job["spec"]["network"], "training": {"epochs": 2}}
    made = earlier.client.post("/v1/jobs", json=spec)
    assert made.status_code == 202, made.text
    _wait(earlier, f"/v1/jobs/{made.json()['id']}", lambda job: job["status"] == "succeeded")


def _contains(now: Any, before: Any) -> bool:
    """Whether an answer still says what it did; objects may have gained keys."""
    if isinstance(before, dict):
        return isinstance(now, dict) and all(
            key in now and _contains(now[key], value) for key, value in before.items()
        )
    if isinstance(before, list):
        return len(now) == len(before) and all(map(_contains, now, before))
    return bool(now == before)


def _assert_close(now: Any, before: Any) -> None:
    """Numbers may differ by what another processor rounds differently."""
    if isinstance(before, dict):
        for key, value in before.items():
            _assert_close(now[key], value)
    elif isinstance(before, list):
        assert len(now) == len(before)
        for one, other in zip(now, before, strict=True):
            _assert_close(one, other)
    elif isinstance(before, float):
        assert now == pytest.approx(before, rel=1e-5, abs=1e-6)
    else:
        assert now == before


def _wait(served: Served, path: str, condition: Any) -> dict[str, Any]:
    for _ in range(POLLS):
        job: dict[str, Any] = served.client.get(path).json()
        if condition(job):
            return job
        Event().wait(0.02)
    raise AssertionError("it stays as it is")
