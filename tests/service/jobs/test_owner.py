"""Whether the holder of a lease still lives."""

import subprocess
import sys
from pathlib import Path

import pytest

from service.worker import owner

linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


def name_of_another_process() -> str:
    program = "from service.worker.owner import own_name; print(own_name())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_this_process_is_alive() -> None:
    assert not owner.is_dead(owner.own_name())


@linux
def test_a_process_that_has_ended_is_dead() -> None:
    assert owner.is_dead(name_of_another_process())


@linux
def test_a_number_that_is_used_again_is_another_process() -> None:
    place, _, _ = owner.own_name().rpartition("/")
    assert owner.is_dead(f"{place}/1")


@pytest.mark.parametrize("name", ["", "elsewhere/boot/1/2/3", "a worker"])
def test_of_other_machines_nothing_is_known(name: str) -> None:
    assert not owner.is_dead(name)
