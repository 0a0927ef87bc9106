"""Whole epochs in compiled code: shuffle, train, validate, and copy the state that came of it."""

from __future__ import annotations

import numpy as np

from engine.compiler.linking import linked
from engine.data.permutation import shuffle
from engine.kernels import Array, Number, always_inline, compiled, part, put
from engine.program import loop
from engine.program.memory import Buffers, KernelTable, StateHistory
from engine.program.threads import ThreadContext, barrier

__all__ = ["train_epochs"]

train, evaluate = linked(loop.train), linked(loop.evaluate)
"""By name: both are compiled in any case, and here they are called once an epoch only."""


@always_inline
def remember(memory: Buffers, history: StateHistory, place: Number) -> None:
    """Copy what a run changes, as it is now, into row ``place`` of the history."""
    put(history.theta[place], memory.theta)
    put(history.slots[place], memory.slots)
    put(history.scalars[place], memory.scalars)
    put(history.state[place], memory.state)


@compiled
def train_epochs(
    code: KernelTable,
    memory: Buffers,
    x: Array,
    targets: Array,
    weights: Array,
    validation_x: Array,
    validation_targets: Array,
    order: Array,
    batch_size: Number,
    capacity: Number,
    steps: Number,
    step: Number,
    rates: Array,
    run_key: Number,
    key: Number,
    epoch: Number,
    shuffled: Number,
    totals: Array,
    validation_totals: Array,
    history: StateHistory,
    thread: ThreadContext,
) -> int:
    """Run whole epochs of so many ``steps`` each, one for every row of ``totals``.

    Each is shuffled, trained and validated; ``history`` has the state before the first one and
    after each. Returns how many were completed: one less where a loss is not finite.
    """
    if totals.shape[0] and thread.index == 0:
        remember(memory, history, 0)
    for done in range(totals.shape[0]):
        if shuffled and thread.index == 0:
            shuffle(order, key, np.uint64(epoch + done))
        barrier(thread)
        before = done * steps
        taken = train(
            code,
            memory,
            x,
            targets,
            weights,
            order,
            batch_size,
            np.int64(0),
            step + before,
            part(rates, before, before + steps),
            run_key,
            totals[done],
            thread,
        )
        if taken < steps:
            return done
        evaluate(
            code,
            memory,
            validation_x,
            validation_targets,
            capacity,
            validation_totals[done],
            thread,
        )
        if thread.index == 0:
            remember(memory, history, done + 1)
    completed: int = totals.shape[0]
    return completed
