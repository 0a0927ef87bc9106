"""A supervisor in a machine that has not always what it asks for."""

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from service.database.sessions import Database
from service.settings import Settings
from service.vocabulary import JobStatus
from service.worker import supervisor as local
from service.worker.training_process import TrainingProcess
from tests.service.training import Bench


def test_a_machine_without_a_process_to_spare_is_asked_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = 0

    def scarce(settings: Settings, changed: Callable[[], None]) -> TrainingProcess:
        nonlocal refused
        refused += 1
        if refused <= 2:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return TrainingProcess(settings, changed)

    monkeypatch.setattr(local, "OUTAGE_SECONDS", 0.05)
    monkeypatch.setattr(local, "TrainingProcess", scarce)
    bench = Bench(database, tmp_path)
    job_id = bench.submit(epochs=2)
    with bench.supervisor():
        bench.wait_for(job_id, JobStatus.SUCCEEDED)
