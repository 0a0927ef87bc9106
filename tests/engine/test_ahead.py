"""Two processes compile one list: nothing twice, nothing left out."""

from __future__ import annotations

import gc
import subprocess
from pathlib import Path

import numpy as np
import pytest

from engine.compiler.jit import garbage_kept
from engine.compiler.locks import CompileLock, is_locked
from engine.layers.dense import weighted_sum
from engine.precompile import inventory as warming
from engine.precompile import two_processes as ahead
from engine.precompile.inventory import CompilationUnit
from engine.precompile.two_processes import compile_in_two, compile_places
from engine.program.signatures import TRAINING

DTYPE = np.dtype("float32")


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[CompilationUnit]:
    """What would have been compiled, in this order; nothing is there before."""
    made: list[CompilationUnit] = []

    def compile_(self: CompilationUnit) -> None:
        made.append(self)

    monkeypatch.setattr(CompilationUnit, "is_compiled", lambda self: self in made)
    monkeypatch.setattr(CompilationUnit, "is_being_compiled", lambda _self: False)
    monkeypatch.setattr(CompilationUnit, "compile", compile_)
    return made


def test_a_turn_is_seen_by_others(tmp_path: Path) -> None:
    file = tmp_path / "lock"
    assert not is_locked(file)
    turn = CompileLock(file)
    assert is_locked(file)
    turn.release()
    assert not is_locked(file)


def test_what_another_process_is_at_is_passed_over(
    compiled: list[CompilationUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = warming.units()[:3]
    compiled.append(first)
    monkeypatch.setattr(CompilationUnit, "is_being_compiled", lambda self: self == second)
    compile_places([0, 1, 2])
    assert compiled == [first, third]


def test_one_core_compiles_everything(
    compiled: list[CompilationUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "available_cores", lambda: 1)
    compile_in_two(DTYPE, {"forward": [weighted_sum, weighted_sum]})
    assert compiled[0] == CompilationUnit.of("forward", DTYPE, weighted_sum)
    names = [unit.function.__name__ for unit in compiled[1:]]
    assert sorted(names) == sorted(TRAINING)


def test_where_the_loops_are_there_nothing_is_compiled_ahead(
    compiled: list[CompilationUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        CompilationUnit, "is_compiled", lambda self: self.function.__name__ in TRAINING
    )
    compile_in_two(DTYPE, {"forward": [weighted_sum]})
    assert compiled == []


def test_the_other_process_begins_at_the_other_end(
    compiled: list[CompilationUnit], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told places in the list of all there is; kernels that are not in it stay here."""
    orders: list[str] = []

    class Process:
        def __init__(self, command: list[str], **_: object) -> None:
            orders.append(command[-1])

        def wait(self, _seconds: float) -> None:
            assert compiled

    def elsewhere() -> None:
        """A kernel from outside the engine."""

    monkeypatch.setattr(subprocess, "Popen", Process)
    monkeypatch.setattr(ahead, "available_cores", lambda: 2)
    compile_in_two(DTYPE, {"loss": [elsewhere], "forward": [weighted_sum]})
    (order,) = orders
    places = [int(each) for each in order.partition("[")[2].rstrip("])").split(",")]
    sent = [warming.units()[place] for place in places]
    assert [unit.function.__name__ for unit in sent[:-1]] == list(TRAINING)
    assert sent[-1] == CompilationUnit.of("forward", DTYPE, weighted_sum)
    assert len(compiled) == len(sent) + 1


def test_garbage_is_looked_for_again_after_compiling() -> None:
    """Also where compiling fails; and where nobody looked for it before, nobody does after."""

    def fail() -> None:
        with garbage_kept():
            assert not gc.isenabled()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert gc.isenabled()
    with garbage_kept():
        with garbage_kept():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
