"""Processes are killed, stopped and frozen; jobs go on and end with the same bits."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from service.checkpoints import repository as checkpoints
from service.database.sessions import Database
from service.epochs import repository as epochs
from service.events import repository as events
from service.jobs import actions
from service.jobs import repository as jobs
from service.lifecycle import transitions
from service.settings import available_cores
from service.vocabulary import JobStatus
from service.worker.supervisor import Supervisor
from tests.service.training import PATIENCE_SECONDS, Bench

pytestmark = [pytest.mark.faults, pytest.mark.slow]

EPOCHS = 6000
"""Enough for a few seconds: time to be killed in the middle."""
LEASE_SECONDS = 5.0
"""Of machines that are killed: less to wait for than by default, and enough for a busy one."""


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path)


@pytest.fixture(scope="module")
def whole() -> dict[str, str]:
    """The weights of a training that nobody interrupted, once it is known."""
    return {}


def submitted(bench: Bench) -> str:
    """A job of some seconds: long enough to be interrupted twice."""
    layers = [{"kind": "dense", "units": 64, "activation": "tanh"}, {"kind": "dropout"}] * 2
    training = {"epochs": EPOCHS, "batch_size": 1, "seed": 7}
    return bench.submit(network={"layers": layers}, training=training)


def uninterrupted(bench: Bench, whole: dict[str, str]) -> str:
    if "weights" not in whole:
        job_id = submitted(bench)
        with bench.supervisor():
            bench.wait_for(job_id, JobStatus.SUCCEEDED)
        whole["weights"] = bench.weights(job_id)
    return whole["weights"]


def until(condition: Callable[[], bool]) -> None:
    pause = Event()
    for _ in range(int(PATIENCE_SECONDS / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")


def under_way(bench: Bench, job_id: str, attempt: int = 1) -> int:
    """Wait for a checkpoint of this attempt, which runs; returns its step."""
    found: list[int] = []

    def look() -> bool:
        with bench.database.read() as session:
            last = checkpoints.last(session, job_id)
            job = jobs.get(session, job_id).job
        assert job.status in (JobStatus.QUEUED, JobStatus.RUNNING)
        if last is not None and last.attempt == job.attempt == attempt:
            found.append(last.step)
        return bool(found)

    until(look)
    return found[0]


def is_alive(process: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def consistent(bench: Bench, job_id: str) -> None:
    """Everything that was acknowledged is there: no gap in the sequence, every epoch once."""
    with bench.database.read() as session:
        job = jobs.get(session, job_id).job
        numbers = [event.seq for event in events.page(session, job_id, limit=100_000)]
        rows = epochs.page(session, job_id, limit=100_000)
    assert numbers == list(range(1, job.seq + 1))
    assert [row.epoch for row in rows] == list(range(1, job.epoch + 1))


@contextmanager
def running(bench: Bench, command: str, **settings: float) -> Iterator[subprocess.Popen[bytes]]:
    """`serve` or `worker` as a process of its own."""
    values = bench.settings(**settings).model_dump(mode="json", exclude_defaults=True)
    given = {name: str(value) for name, value in values.items()}
    program = (
        f"from service import commands; from service.settings import Settings; commands.{command}"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {f"TRAINYARD_{name.upper()}": value for name, value in given.items()},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(number) for file in found for number in file.read_text().split()]


def test_kill_of_the_training_process(bench: Bench, whole: dict[str, str]) -> None:
    expected = uninterrupted(bench, whole)
    job_id = submitted(bench)
    with bench.supervisor() as supervisor:
        for attempt in (1, 2, 3):
            under_way(bench, job_id, attempt)
            os.kill(supervisor.processes()[job_id], signal.SIGKILL)
        detail = bench.wait_for(job_id, JobStatus.SUCCEEDED, JobStatus.FAILED)
    assert (detail.job.status, detail.job.attempt) == ("succeeded", 4)
    assert not detail.job.inexact_resume
    assert bench.weights(job_id) == expected
    consistent(bench, job_id)
    with bench.database.read() as session:
        reasons = [row.reason for row in transitions.page(session, job_id, limit=20)]
    assert reasons == ["submitted", "claimed", *["worker_lost", "claimed"] * 3, "completed"]


def test_folds_side_by_side_survive_a_kill(bench: Bench) -> None:
    layers = [{"kind": "dense", "units": 192}, {"kind": "dense", "units": 192}]
    folds: dict[str, Any] = {
        "network": {"layers": layers},
        "validation": {"kind": "k_fold", "folds": 4},
    }
    twins = [bench.submit(60, **folds) for _ in range(2)]
    with bench.supervisor() as supervisor:
        bench.wait_for(twins[0], JobStatus.SUCCEEDED)
        for attempt in (1, 2):
            under_way(bench, twins[1], attempt)
            os.kill(supervisor.processes()[twins[1]], signal.SIGKILL)
        detail = bench.wait_for(twins[1], JobStatus.SUCCEEDED, JobStatus.FAILED)
    assert (detail.job.status, detail.job.attempt) == ("succeeded", 3)
    assert bench.weights(twins[1]) == bench.weights(twins[0])
    told = [curves(bench, job_id) for job_id in twins]
    assert told[0] == told[1]
    assert told[0].keys() == {(fold, epoch) for fold in range(5) for epoch in range(1, 61)}


def curves(bench: Bench, job_id: str) -> dict[tuple[int, int], tuple[float | None, float | None]]:
    """Both losses by fold and epoch, each of which was told once, in a sequence without gaps."""
    with bench.database.read() as session:
        job = jobs.get(session, job_id).job
        numbers = [event.seq for event in events.page(session, job_id, limit=100_000)]
        rows = epochs.page(session, job_id, limit=100_000)
    assert numbers == list(range(1, job.seq + 1))
    found = {(row.fold, row.epoch): (row.train_loss, row.validation_loss) for row in rows}
    assert len(found) == len(rows)
    if available_cores() > 1:
        assert {row.fold for row in rows[:4]} == {1, 2}
    return found


@pytest.mark.parametrize(
    "command", ["serve(Settings(), port=0)", "worker(Settings())"], ids=["serve", "worker"]
)
def test_kill_of_everything(bench: Bench, whole: dict[str, str], command: str) -> None:
    expected = uninterrupted(bench, whole)
    job_id = submitted(bench)
    with running(bench, command, lease_seconds=LEASE_SECONDS) as process:
        step = under_way(bench, job_id)
        family = children(process.pid)
        assert family
        process.kill()
        process.wait()
        until(lambda: not any(map(is_alive, family)))
    assert bench.detail(job_id).job.status == "running"
    consistent_before = bench.detail(job_id).job.seq
    with running(bench, command, lease_seconds=LEASE_SECONDS):
        detail = bench.wait_for(job_id, JobStatus.SUCCEEDED, JobStatus.FAILED)
    assert (detail.job.status, detail.job.attempt) == ("succeeded", 2)
    assert detail.job.seq > consistent_before
    assert step > 0
    assert bench.weights(job_id) == expected
    consistent(bench, job_id)


def test_terminating_gives_jobs_back_without_losing_an_attempt(
    bench: Bench, whole: dict[str, str]
) -> None:
    expected = uninterrupted(bench, whole)
    job_id = submitted(bench)
    for attempt, command in enumerate(("serve(Settings(), port=0)", "worker(Settings())"), 1):
        with running(bench, command) as process:
            under_way(bench, job_id, attempt)
            process.terminate()
            process.wait(PATIENCE_SECONDS)
        detail = bench.detail(job_id)
        assert (detail.job.status, detail.job.lost_attempts) == ("queued", 0)
        with bench.database.read() as session:
            last = checkpoints.last(session, job_id)
        assert last is not None
        assert last.epoch == detail.job.epoch
    with bench.supervisor():
        bench.wait_for(job_id, JobStatus.SUCCEEDED)
    assert bench.weights(job_id) == expected
    consistent(bench, job_id)


def test_a_frozen_process_is_killed_and_replaced(bench: Bench, whole: dict[str, str]) -> None:
    """It may have been frozen while it held the lock of the database."""
    expected = uninterrupted(bench, whole)
    job_id = submitted(bench)
    with bench.supervisor(lease_seconds=3.0) as supervisor:
        under_way(bench, job_id)
        os.kill(supervisor.processes()[job_id], signal.SIGSTOP)
        detail = bench.wait_for(job_id, JobStatus.SUCCEEDED)
    assert detail.job.attempt > 1
    assert bench.weights(job_id) == expected
    consistent(bench, job_id)


@pytest.mark.postgres
def test_a_frozen_machine_is_replaced_and_cannot_write_afterwards(
    postgres_database: Database, tmp_path: Path, whole: dict[str, str]
) -> None:
    """Not on SQLite, where the lock of the one file may be frozen with it."""
    bench = Bench(postgres_database, tmp_path)
    expected = uninterrupted(bench, whole)
    job_id = submitted(bench)
    with running(bench, "worker(Settings())", lease_seconds=3.0) as process:
        under_way(bench, job_id)
        machine = [process.pid, *children(process.pid)]
        for number in machine:
            os.kill(number, signal.SIGSTOP)
        with bench.supervisor(lease_seconds=3.0):
            detail = bench.wait_for(job_id, JobStatus.SUCCEEDED)
        for number in machine:
            os.kill(number, signal.SIGCONT)
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        until(lambda: not any(map(is_alive, machine)))
    assert detail.job.attempt > 1
    assert bench.detail(job_id).job.revision == detail.job.revision
    assert bench.weights(job_id) == expected
    consistent(bench, job_id)


def test_a_job_that_kills_every_worker_is_given_up(bench: Bench) -> None:
    job_id = bench.submit(EPOCHS * 10, training={"epochs": 10, "batch_size": 1, "seed": 7})
    with bench.supervisor(
        max_attempts=3, best_checkpoint_seconds=1e6, last_checkpoint_seconds=1e6
    ) as supervisor:
        for attempt in (1, 2, 3):
            until(partial(_is_at, bench, job_id, attempt))
            until(lambda: job_id in supervisor.processes())
            os.kill(supervisor.processes()[job_id], signal.SIGKILL)
        detail = bench.wait_for(job_id, JobStatus.FAILED)
    assert detail.job.error is not None
    assert detail.job.error["reason"] == "worker_lost"
    assert "SIGKILL" in detail.job.error["detail"]
    assert detail.job.attempt == 3


def _is_at(bench: Bench, job_id: str, attempt: int) -> bool:
    return bench.detail(job_id).job.attempt == attempt


@pytest.mark.parametrize(
    ("ask", "status"),
    [(actions.request_cancel, JobStatus.CANCELLED), (actions.request_pause, JobStatus.PAUSED)],
    ids=["cancel", "pause"],
)
def test_a_request_reaches_the_process(
    bench: Bench, ask: Callable[..., object], status: JobStatus
) -> None:
    job_id = bench.submit(1_000_000)
    with bench.supervisor() as supervisor:
        under_way(bench, job_id)
        with bench.database.write() as session:
            ask(session, job_id)
        supervisor.wake()
        detail = bench.wait_for(job_id, status)
        until(lambda: not supervisor.processes())
    assert detail.model_id is not None
    assert detail.job.pending_action is None
    with bench.database.read() as session:
        last = checkpoints.last(session, job_id)
    assert last is not None
    assert last.epoch == detail.job.epoch
    consistent(bench, job_id)


def test_a_process_that_does_not_hear_a_cancel_is_killed(bench: Bench) -> None:
    job_id = bench.submit(1_000_000)
    with bench.supervisor(cancel_grace_seconds=0.2) as supervisor:
        under_way(bench, job_id)
        os.kill(supervisor.processes()[job_id], signal.SIGSTOP)
        with bench.database.write() as session:
            actions.request_cancel(session, job_id)
        detail = bench.wait_for(job_id, JobStatus.CANCELLED)
    assert detail.model_id is not None
    consistent(bench, job_id)


def test_many_workers_share_one_database(bench: Bench) -> None:
    ids = [bench.submit(200) for _ in range(8)]
    with bench.supervisor(), bench.supervisor(slots=2):
        details = [bench.wait_for(job_id, JobStatus.SUCCEEDED) for job_id in ids]
    assert [detail.job.attempt for detail in details] == [1] * 8
    assert len({bench.weights(job_id) for job_id in ids}) == 1


def test_few_processes_wait_for_jobs(bench: Bench) -> None:
    """After three jobs at once, one of their processes is left, and takes the next job."""
    of_others = set(children(os.getpid()))
    with bench.supervisor(slots=3, max_idle_processes=1) as supervisor:
        ids = [bench.submit(1_000_000) for _ in range(3)]
        for job_id in ids:
            under_way(bench, job_id)
        assert len(set(supervisor.processes().values())) == 3
        with bench.database.write() as session:
            for job_id in ids:
                actions.request_cancel(session, job_id)
        for job_id in ids:
            bench.wait_for(job_id, JobStatus.CANCELLED)
        until(lambda: len(set(children(os.getpid())) - of_others) == 1)
        next_id = bench.submit(20)
        bench.wait_for(next_id, JobStatus.SUCCEEDED)


def test_processes_end_with_their_supervisor(bench: Bench) -> None:
    of_others = set(children(os.getpid()))
    with bench.supervisor(slots=2) as supervisor:
        until(supervisor.ready)
        family = set(children(os.getpid())) - of_others
        assert family
    assert isinstance(supervisor, Supervisor)
    until(lambda: not any(map(is_alive, family)))
