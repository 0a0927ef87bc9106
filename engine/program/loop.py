"""The compiled loop: mini-batch after mini-batch through the kernels of a program.

``train`` is the lecture's Algorithm 1; ``evaluate`` and ``predict`` are the forward pass alone. A
team of threads runs the same loop, each on its partition of the work, and meets the others at
barriers. Nothing here allocates.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import (
    Array,
    Number,
    always_inline,
    call,
    compiled,
    part,
    put,
    random_bits,
    smaller,
    view,
)
from engine.metrics import LOSS, ROWS
from engine.program.memory import Buffers, KernelTable
from engine.program.passes import backward, differentiate, forward, load, loss, total_loss
from engine.program.threads import ThreadContext, barrier, partition
from engine.program.updates import transform_gradient, update

__all__ = ["augment", "evaluate", "loss_and_gradient", "predict", "train"]

AUGMENTATIONS = 1 << 32
"""The first counter of the random numbers of augmentations; operations count from 0."""


@always_inline
def gather(
    memory: Buffers,
    x: Array,
    targets: Array,
    weights: Array,
    order: Array,
    offset: Number,
    start: Number,
    stop: Number,
) -> None:
    """Copy rows of a mini-batch together; ``weights`` is empty where all rows count alike."""
    inputs = view(memory.activations, 0, stop, x.shape[1])
    for i in range(start, stop):
        row = order[offset + i]
        for j in range(x.shape[1]):
            inputs[i, j] = x[row, j]
        for j in range(targets.shape[1]):
            memory.target[i, j] = targets[row, j]
        if weights.size:
            memory.weight[i] = weights[row]


@always_inline
def augment(
    code: KernelTable,
    memory: Buffers,
    rows: Number,
    inputs: Number,
    step_key: Number,
    thread: ThreadContext,
) -> None:
    """Apply every augmentation in order to the mini-batch that is loaded."""
    if len(code.augment):
        barrier(thread)
        if thread.index == 0:
            for k in range(len(code.augment)):
                call(
                    "augment",
                    code.augment[k],
                    view(memory.activations, 0, rows, inputs),
                    memory.spare,
                    part(memory.target, 0, rows),
                    memory.augment_constants[k],
                    random_bits(step_key, np.uint64(AUGMENTATIONS + k)),
                )
        barrier(thread)


@always_inline
def accumulate_metrics(
    code: KernelTable, memory: Buffers, rows: Number, loss: Number, totals: Array
) -> None:
    """Add the loss of all rows, and what the metrics need, to ``totals``."""
    totals[LOSS] += loss
    totals[ROWS] += rows
    call(
        "accumulate_metrics",
        code.accumulate_metrics[0],
        part(memory.prediction, 0, rows),
        part(memory.target, 0, rows),
        totals,
    )


@compiled
def train(
    code: KernelTable,
    memory: Buffers,
    x: Array,
    targets: Array,
    weights: Array,
    order: Array,
    batch_size: Number,
    position: Number,
    step: Number,
    rates: Array,
    run_key: Number,
    totals: Array,
    thread: ThreadContext,
) -> int:
    """Algorithm 1: for each step a mini-batch, its mean gradient and one update.

    ``rates`` (steps,) are the learning rates, ``order`` the row numbers of an epoch, ``position``
    the mini-batches of it that are done. Returns the number of steps carried out: fewer than asked
    for if the loss of the next one is not finite, which leaves theta as it was before that step.
    """
    for done in range(rates.size):
        offset = (position + done) * batch_size
        rows = smaller(batch_size, order.size - offset)
        start, stop = partition(rows, thread)
        now = step + done + 1
        step_key = random_bits(run_key, np.uint64(now))
        gather(memory, x, targets, weights, order, offset, start, stop)
        augment(code, memory, rows, x.shape[1], step_key, thread)
        forward(code, memory, rows, step_key, np.bool_(True), thread)
        loss(code, memory, start, stop, rows)
        backward(code, memory, rows, step_key, thread)
        barrier(thread)
        whole = total_loss(memory.losses, rows)
        if not np.isfinite(whole):
            return done
        if thread.index == 0:
            accumulate_metrics(code, memory, rows, whole, totals)
        differentiate(code, memory, rows, thread)
        barrier(thread)
        if len(code.transform_gradient):
            if thread.index == 0:
                transform_gradient(code, memory)
            barrier(thread)
        update(code, memory, rates[done], now, thread)
        barrier(thread)
    steps: int = rates.size
    return steps


@compiled
def loss_and_gradient(
    code: KernelTable, memory: Buffers, rows: Number, step_key: Number, thread: ThreadContext
) -> float:
    """The loss, summed, and the gradient of the mini-batch that is loaded, by one thread."""
    forward(code, memory, rows, step_key, np.bool_(True), thread)
    loss(code, memory, 0, rows, rows)
    backward(code, memory, rows, step_key, thread)
    differentiate(code, memory, rows, thread)
    transform_gradient(code, memory)
    total: float = total_loss(memory.losses, rows)
    return total


@compiled
def evaluate(
    code: KernelTable,
    memory: Buffers,
    x: Array,
    targets: Array,
    capacity: Number,
    totals: Array,
    thread: ThreadContext,
) -> None:
    """Add the loss and the metrics' sums of all rows, each counting once, to ``totals``."""
    for offset in range(0, x.shape[0], capacity):
        rows = smaller(capacity, x.shape[0] - offset)
        start, stop = partition(rows, thread)
        load(memory, part(x, offset, offset + rows), start, stop)
        put(part(memory.target, start, stop), part(targets, offset + start, offset + stop))
        memory.weight[start:stop] = 1
        forward(code, memory, rows, np.uint64(0), np.bool_(False), thread)
        loss(code, memory, start, stop, rows)
        barrier(thread)
        if thread.index == 0:
            accumulate_metrics(code, memory, rows, total_loss(memory.losses, rows), totals)
        barrier(thread)


@compiled
def predict(
    code: KernelTable,
    memory: Buffers,
    x: Array,
    capacity: Number,
    outputs: Array,
    thread: ThreadContext,
) -> None:
    """Write the outputs of the last operation for every row into ``outputs`` (rows, outputs)."""
    op = code.layout[len(code.layout) - 1]
    for offset in range(0, x.shape[0], capacity):
        rows = smaller(capacity, x.shape[0] - offset)
        start, stop = partition(rows, thread)
        load(memory, part(x, offset, offset + rows), start, stop)
        forward(code, memory, rows, np.uint64(0), np.bool_(False), thread)
        place = op["y"] + start * op["outputs"]
        made = view(memory.activations, place, stop - start, op["outputs"])
        put(part(outputs, offset + start, offset + stop), made)
        barrier(thread)
