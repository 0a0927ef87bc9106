"""A team of threads that run the same loop over the same memory, each on its partition of the work.

Threads wait for each other at barriers, wherever one needs what another has computed. Every number
is computed by exactly one thread, in the same order whichever it is, so a team of any size gives
the same bits.
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
    "available_cores",
    "barrier",
    "partition",
    "single_thread",
    "thread_count",
]

LINE = 8
"""Counters lie so far apart that no two of them are in one line of the cache."""
MIN_ROWS = 8
"""The number of rows of a mini-batch from which on another thread is worth having."""
MIN_WORK = 1 << 17
"""The number of multiplications in a step from which on another thread is worth having."""
PATIENCE = 4096
"""How often a thread at a barrier polls the others before it yields its processor."""


class ThreadContext(NamedTuple):
    """One thread of a team: its index, the size of the team, and the barriers each has reached."""

    index: Any
    size: Any
    arrivals: Any


def single_thread() -> ThreadContext:
    """The context of a thread that works alone."""
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
def _wait(thread: ThreadContext) -> None:
    mine = thread.arrivals[LINE * thread.index] + 1
    store(thread.arrivals, LINE * thread.index, mine)
    for other in range(thread.size):
        looked = 0
        while load(thread.arrivals, LINE * other) < mine:
            looked += 1
            if looked > PATIENCE:
                give_way()


@jittable
def barrier(thread: ThreadContext) -> None:
    """Wait until every thread of the team has reached this barrier."""
    if thread.size > 1:
        _wait(thread)


@jittable
def partition(count: Number, thread: ThreadContext) -> tuple[Number, Number]:
    """The half-open range of ``count`` rows, or numbers, that belongs to a thread."""
    return count * thread.index // thread.size, count * (thread.index + 1) // thread.size


def available_cores() -> int:
    """The number of processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(network: Network, rows: int, threads: int) -> int:
    """How many of ``threads`` threads are worth using for mini-batches of ``rows`` rows."""
    if not COMPILED or any(node.operation.mixes_rows for node in network.nodes):
        return 1
    weights = sum(place.block.size for place in network.weights)
    return max(1, min(threads, rows // MIN_ROWS, rows * weights // MIN_WORK))


class ThreadTeam:
    """A pool of threads that run one function together; the caller of ``run`` is one of them."""

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
        """The number of threads, the caller's included."""
        return len(self._teams)

    def run(self, walk: Callable[[ThreadContext], Any]) -> Any:
        """Call ``walk`` in every thread, and return what the caller's own call returns."""
        for tasks, thread in zip(self._tasks, self._teams[1:], strict=True):
            tasks.put((walk, thread))
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
        walk, thread = task
        error = None
        try:
            walk(thread)
        except BaseException as raised:  # noqa: BLE001 - handed over to whoever waits
            error = raised
        del task, walk
        done.put(error)
