"""The warm-up at the start of a process: in the background, in steps, and never in the way."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from service.warming import WarmUp

FRESH = """
import asyncio, sys, threading
from service.app import create_app
from service.catalog import service as catalog
from service.settings import Settings

def is_warm():
    return "sklearn.datasets" in sys.modules and catalog._built.cache_info().currsize == 1

async def live(app):
    async with app.router.lifespan_context(app):
        warm_up, = [each for each in threading.enumerate() if each.name == "trainyard-warm-up"]
        await asyncio.to_thread(warm_up.join)
        assert is_warm()

app = create_app(Settings())
assert not is_warm()
asyncio.run(live(app))
"""


def test_what_a_new_run_needs_is_there_before_anybody_asks(tmp_path: Path) -> None:
    environment = {"TRAINYARD_DATA_DIR": str(tmp_path), "PYTHONPATH": "."}
    answer = subprocess.run(
        [sys.executable, "-c", FRESH],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (answer.returncode, answer.stderr) == (0, "")


def test_a_step_that_fails_is_told_and_the_next_one_taken(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done = threading.Event()

    def fail() -> None:
        raise OSError("the disk is full")

    warm_up = WarmUp([fail, done.set], after_seconds=0)
    warm_up.start()
    assert done.wait(30)
    warm_up.stop()
    assert "the disk is full" in caplog.text


def test_the_step_under_way_is_waited_for_and_the_next_one_is_not_taken() -> None:
    begun, go_on = threading.Event(), threading.Event()
    taken = []

    def first() -> None:
        begun.set()
        assert go_on.wait(30)
        taken.append("first")

    warm_up = WarmUp([first, lambda: taken.append("second")], after_seconds=0)
    warm_up.start()
    assert begun.wait(30)
    stopping = threading.Thread(target=warm_up.stop)
    stopping.start()
    assert stopping.is_alive()
    warm_up.stopped.wait(30)
    go_on.set()
    stopping.join()
    assert taken == ["first"]
