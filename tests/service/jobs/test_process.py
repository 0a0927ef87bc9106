"""The process that trains, in this process."""

import json
import os
from pathlib import Path

import pytest

from service.settings import Settings
from service.worker import attempt, process
from service.worker import prewarm as warm


def test_a_process_that_is_old_ends_without_asking_for_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told that it is done, its supervisor could send an attempt that nobody would run."""
    monkeypatch.setattr(process, "MAX_ATTEMPTS", 2)
    monkeypatch.setattr(process, "_kilobytes", lambda: 0)  # what all tests before have taken
    monkeypatch.setattr(warm, "warm_up", lambda _database: None)
    monkeypatch.setattr(attempt.Attempt, "run", lambda _attempt: None)
    source, output = os.pipe()
    worker = process.Worker(output)
    settings = Settings(data_dir=tmp_path, lease_seconds=1e6)
    worker._messages.put({"settings": settings.model_dump(mode="json", exclude={"api_keys"})})
    for token in (1, 2):
        run = {"job_id": "job_1", "token": token, "attempt": token}
        worker._messages.put({"run": run})
    worker.work()
    told = [json.loads(line) for line in os.read(source, 1 << 16).splitlines()]
    assert [message for message in told if "alive" not in message] == [{"ready": True}, {"done": 1}]
