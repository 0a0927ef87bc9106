"""Jobs in a list, and against each other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from typer.testing import Result

from tests.trainyard.cli.things import SPEC, Things
from trainyard import Client, Job

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def three(service: Client) -> list[Job]:
    """Of one tag, the best one in the middle."""
    rates = {"slow": 1e-5, "good": 0.1, "fair": 0.02}
    jobs = [
        service.jobs.create(
            SPEC, name=name, tags=["rates"], optimizer={"kind": "adam", "learning_rate": rate}
        )
        for name, rate in rates.items()
    ]
    return [service.jobs.wait(job, timeout=60) for job in jobs]


@pytest.fixture
def paused(service: Client) -> Iterator[Job]:
    job = service.jobs.create(SPEC, name="later", tags=["rates"], paused=True)
    yield job
    service.jobs.cancel(job)
    service.jobs.delete(job)


def names(got: Result) -> list[str]:
    assert got.exit_code == 0, got.output
    return [job["name"] for job in json.loads(got.stdout)]


def test_newest_first(run: Run, three: list[Job]) -> None:
    newest_first = [job.name for job in reversed(three)]
    assert names(run("runs", "--tag", "rates", "--json")) == newest_first
    assert names(run("runs", "--tag", "rates", "--json", "-n", 2)) == newest_first[:2]


def test_filters(run: Run, three: list[Job], paused: Job) -> None:
    assert [job.status for job in (*three, paused)] == [*["succeeded"] * 3, "paused"]
    words = ["runs", "--tag", "rates", "--json"]
    assert names(run(*words, "--status", "paused")) == ["later"]
    both = names(run(*words, "--status", "succeeded", "--status", "paused"))
    assert both == ["later", "fair", "good", "slow"]
    assert names(run(*words, "--name", "GOO")) == ["good"]


def test_sorted(run: Run, three: list[Job], paused: Job) -> None:
    assert [job.best is None for job in (*three, paused)] == [False, False, False, True]
    words = ["runs", "--tag", "rates", "--json", "--sort", "best"]
    assert names(run(*words)) == ["good", "fair", "slow", "later"]
    assert names(run(*words, "--reverse")) == ["slow", "fair", "good", "later"]


def test_a_status_that_is_none(run: Run) -> None:
    got = run("runs", "--status", "sleeping")
    assert got.exit_code == 2
    assert "queued" in got.stderr


def test_a_table_with_curves(run: Run, three: list[Job]) -> None:
    lines = run("runs", "--tag", "rates").stdout.splitlines()
    assert lines[0].split()[:3] == ["job", "name", "status"]
    good = next(line for line in lines if " good " in line)
    assert three[1].id in good
    assert "4/4" in good
    assert "█" in good
    assert "▁" in good


def test_deleted_jobs_are_gone(run: Run, things: Things) -> None:
    jobs = [things.cancelled(), things.cancelled()]
    refused = run("delete", *jobs)
    assert refused.exit_code == 2
    assert "--yes" in refused.stderr
    assert run("delete", *jobs, "--yes").exit_code == 0
    left = {job["id"] for job in json.loads(run("runs", "--json").stdout)}
    assert not left & {*jobs}


def test_models_in_a_list(run: Run, things: Things) -> None:
    lines = run("models", "-n", 200).stdout.splitlines()
    assert lines[0].split() == ["model", "name", "predicts", "epoch", "made"]
    assert any(line.startswith(things.job.model_id or "none") for line in lines)


def test_no_jobs(run: Run) -> None:
    got = run("runs", "--tag", "nobody has this")
    assert (got.exit_code, got.stdout) == (0, "")
    assert "trainyard train" in got.stderr


def test_jobs_are_found_by_the_end_of_their_id(run: Run, three: list[Job]) -> None:
    for word in (three[0].id[-8:], three[0].id[-8:].lower()):
        assert json.loads(run("model", word, "--json").stdout)["job_id"] == three[0].id


def test_the_last_job(run: Run, service: Client) -> None:
    newest = service.jobs.wait(service.jobs.create(SPEC), timeout=60)
    assert json.loads(run("model", "last", "--json").stdout)["job_id"] == newest.id


@pytest.mark.parametrize("word", ["nobody", "ab", ""])
def test_no_such_job(run: Run, word: str) -> None:
    got = run("watch", word)
    assert got.exit_code == 1
    assert "trainyard runs" in got.stderr


def test_only_what_differs_is_compared(run: Run, three: list[Job]) -> None:
    got = run("compare", *(job.id for job in three))
    assert got.exit_code == 0, got.output
    table, _, chart = got.stdout.rpartition("validation loss")
    settings = [line.split()[0] for line in table.splitlines() if "." in line.split("  ")[0]]
    assert settings == ["optimizer.learning_rate"]
    assert "1e-05" in table
    assert {"A", "B", "C"} <= set(chart)


def test_compared_for_programs(run: Run, three: list[Job]) -> None:
    words = ["--metric", "accuracy", "--part", "train", "--json"]
    told = json.loads(run("compare", three[0].id, three[1].id, *words).stdout)
    assert told["differing"] == {"optimizer.learning_rate": [1e-5, 0.1]}
    points = told["curves"]["points"]
    assert [[point["epoch"] for point in curve] for curve in points] == [[1, 2, 3, 4]] * 2
    assert points[1][-1]["value"] == three[1].latest.train["accuracy"]  # type: ignore[union-attr]


def test_more_jobs_than_columns(run: Run, three: list[Job]) -> None:
    many = [job.id for job in three] * 3
    got = run("compare", *many)
    shown = got.stdout.rpartition("validation loss")[0]
    assert {"A", "E", "I"} <= set(shown.split())
    narrow = run("compare", *many, columns=60)
    shown = narrow.stdout.rpartition("validation loss")[0]
    assert max(map(len, shown.splitlines())) <= 60
    assert {"A", "E", "I"} <= set(shown.split())


@pytest.mark.parametrize(
    "words", [["last"], ["last"] * 11, ["last", "last", "--part", "test"]], ids=len
)
def test_what_cannot_be_compared(run: Run, words: list[str]) -> None:
    assert run("compare", *words).exit_code == 2


def test_a_metric_that_was_not_measured(run: Run, things: Things) -> None:
    got = run("compare", things.job.id, things.job.id, "--metric", "beauty")
    assert got.exit_code == 1
    assert "loss, accuracy" in got.stderr
