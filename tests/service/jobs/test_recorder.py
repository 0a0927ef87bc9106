"""How often a training is written down, by a clock that the tests turn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from service.checkpoints import repository as checkpoints
from service.database.sessions import Database
from service.database.tables import Checkpoint
from service.lifecycle import leases
from service.worker import recorder
from service.worker.attempt import Attempt
from service.worker.control import Control, StopRequest
from tests.service.training import Bench


class Clock:
    """A time that passes only when it is told to, whatever else the machine does."""

    def __init__(self) -> None:
        self.added = 0.0

    def monotonic(self) -> float:
        return self.added

    def sleep(self, seconds: float) -> None:
        self.added += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    turned = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep)
    monkeypatch.setattr(recorder, "time", turned)
    return clock


class Watcher(Control):
    """Takes a second for every epoch, and notes how many epochs of the job others can see."""

    def __init__(self, bench: Bench, job_id: str, clock: Clock) -> None:
        super().__init__()
        self.seen: set[int] = set()
        self._bench, self._job_id, self._clock = bench, job_id, clock

    def requested(self) -> StopRequest | None:
        self.seen.add(self._bench.detail(self._job_id).job.epoch)
        self._clock.sleep(1.0)
        return None


def test_states_that_take_long_to_write_do_not_hold_epochs_back(
    database: Database, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = checkpoints.save

    def slowly(*arguments: Any, **named: Any) -> Checkpoint:
        clock.sleep(100.0)
        return save(*arguments, **named)

    monkeypatch.setattr(checkpoints, "save", slowly)
    bench = Bench(database, tmp_path)
    job_id = bench.submit(epochs=30)
    watcher = Watcher(bench, job_id, clock)
    with database.write() as session:
        lease = leases.claim(session, "this test", 30.0)
    assert lease is not None
    Attempt(lease, database, bench.storage.table, watcher, bench.settings()).run()
    assert len(watcher.seen) >= 15


def test_waiting_for_a_database_that_is_away_is_no_cost_of_writing(
    database: Database, clock: Clock
) -> None:
    left = 60

    @contextmanager
    def write() -> Iterator[Session]:
        nonlocal left
        left -= 1
        if left > 0:
            raise OperationalError("", {}, Exception("away"))
        with database.write() as session:
            yield session

    away = cast("Database", SimpleNamespace(write=write))
    cost = recorder.persist(away, lambda session: session.execute(text("SELECT 1")))
    assert clock.added > 20
    assert cost < 10
