"""A team: threads that walk the same loop over the same memory, each its share of the work.

They meet where one needs what another has computed. Everything is computed by exactly one of them,
and in the same order whoever it is, so a team of any size gives the same bits.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic

from engine.compiler.arrays import Array, Number
from engine.compiler.jit import COMPILED, Kernel, compiled, jittable
from engine.program.network import Network

__all__ = [
    "ThreadContext",
    "ThreadTeam",
    "alone",
    "available_cores",
    "barrier",
    "partition",
    "team_size",
]

LINE = 8
"""Counters lie so far apart that no two of them are in one line of the cache."""
LEAST_ROWS = 8
"""Rows of a mini-batch that are worth a thread."""
LEAST_WORK = 1 << 17
"""Multiplications of a mini-batch with all weights that are worth a thread."""
PATIENCE = 4096
"""How often a worker looks for the others before it lets other threads have its processor."""


class ThreadContext(NamedTuple):
    """One member of a team: which it is, of how many, and how often each has come to a meeting."""

    index: Any
    size: Any
    arrivals: Any


def alone() -> ThreadContext:
    """A team of one."""
    return ThreadContext(0, 1, np.zeros(LINE, np.int64))


def _load(typing_context: Any, array: Any, place: Any) -> Any:
    """Read a counter that another thread writes, before everything that is read after it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        return builder.load_atomic(builder.gep(data, [values[1]]), "acquire", align=8)

    return types.int64(array, types.intp), generate


def _store(typing_context: Any, array: Any, place: Any, value: Any) -> Any:
    """Write a counter that other threads read, after everything that was written before it."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        builder.store_atomic(values[2], builder.gep(data, [values[1]]), "release", align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate


load: Kernel
store: Kernel
give_way: Kernel
if COMPILED:
    load, store = intrinsic(_load), intrinsic(_store)
    give_way = types.ExternalFunction("sched_yield", types.int32())
else:

    def load(array: Array, place: Number) -> Number:
        """Read a counter."""
        return array[place]

    def store(array: Array, place: Number, value: Number) -> None:
        """Write a counter."""
        array[place] = value

    def give_way() -> int:
        """Without the compiler a team is one thread, and never waits."""
        return 0


@compiled
def _wait(team: ThreadContext) -> None:
    mine = team.arrivals[LINE * team.index] + 1
    store(team.arrivals, LINE * team.index, mine)
    for other in range(team.size):
        looked = 0
        while load(team.arrivals, LINE * other) < mine:
            looked += 1
            if looked > PATIENCE:
                give_way()


@jittable
def barrier(team: ThreadContext) -> None:
    """Wait until every member has come here."""
    if team.size > 1:
        _wait(team)


@jittable
def partition(count: Number, team: ThreadContext) -> tuple[Number, Number]:
    """The part of so many rows, or numbers, that is a member's: from the first up to the last."""
    return count * team.index // team.size, count * (team.index + 1) // team.size


def available_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def team_size(network: Network, rows: int, threads: int) -> int:
    """How many of the threads are worth having for mini-batches of so many rows."""
    if not COMPILED or any(step.operation.couples_rows for step in network.steps):
        return 1
    weights = sum(place.block.size for place in network.weights)
    return max(1, min(threads, rows // LEAST_ROWS, rows * weights // LEAST_WORK))


class ThreadTeam:
    """Threads for a team; the one that calls ``run`` is its first member."""

    def __init__(self, size: int) -> None:
        arrivals = np.zeros(LINE * size, np.int64)
        self._teams = [ThreadContext(index, size, arrivals) for index in range(size)]
        self._tasks: list[SimpleQueue[Any]] = []
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        for _ in self._teams[1:]:
            tasks: SimpleQueue[Any] = SimpleQueue()
            self._tasks.append(tasks)
            Thread(target=_serve, args=(tasks, self._done), daemon=True).start()

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self._teams)

    def run(self, walk: Callable[[ThreadContext], Any]) -> Any:
        """Let every member walk; what the first one returns."""
        for tasks, team in zip(self._tasks, self._teams[1:], strict=True):
            tasks.put((walk, team))
        result = walk(self._teams[0])
        for _ in self._tasks:
            error = self._done.get()
            if error is not None:
                raise error
        return result

    def __del__(self) -> None:
        for tasks in self._tasks:
            tasks.put(None)


def _serve(tasks: SimpleQueue[Any], done: SimpleQueue[BaseException | None]) -> None:
    while (task := tasks.get()) is not None:
        walk, team = task
        error = None
        try:
            walk(team)
        except BaseException as raised:  # noqa: BLE001 - handed over to whoever waits
            error = raised
        del task, walk
        done.put(error)
