"""The compiled loop: it walks kernels over the memory of a program; nothing here allocates.

``train`` is the lecture's Algorithm 1. What every operation makes of a mini-batch, and what comes
back to it, stays where it is until the next one. A team of threads walks the same loop: each member
takes its share of the rows forward and back (in large layers of the units and inputs instead), of
the units for their gradients, and of the parameters for their update.
"""

from __future__ import annotations

import numpy as np

from engine.kernels import (
    Array,
    Number,
    advanced,
    always_inline,
    call,
    compiled,
    compiled_exactly,
    part,
    put,
    random_bits,
    smaller,
    view,
)
from engine.metrics import LOSS, ROWS
from engine.program.memory import Buffers, KernelTable
from engine.program.threads import ThreadContext, barrier, partition
from engine.program.unit_parallelism import backward_unit_parallel, forward_unit_parallel

__all__ = [
    "augment",
    "backward",
    "evaluate",
    "forward",
    "load",
    "loss",
    "loss_and_gradient",
    "predict",
    "step_back",
    "train",
    "transform_gradient",
    "update",
]

AUGMENTATIONS = 1 << 32
"""The first counter of their random numbers in a step; those of operations begin at 0."""


@always_inline
def load(memory: Buffers, x: Array, start: Number, stop: Number) -> None:
    """Put rows where the forward pass begins, from ``start`` to before ``stop``."""
    width = x.shape[1]
    put(view(memory.activations, start * width, stop - start, width), part(x, start, stop))


@compiled
def forward(
    code: KernelTable,
    memory: Buffers,
    rows: Number,
    step_key: Number,
    training: Number,
    thread: ThreadContext,
) -> None:
    """Feedforward: every operation in order, from the rows loaded into ``activations``."""
    start, stop = partition(rows, thread)
    some = stop - start
    for k in range(len(code.layout)):
        op = code.layout[k]
        if thread.size > 1 and code.unit_parallel[k] >= 0:
            forward_unit_parallel(code, memory, rows, k, thread)
            continue
        begin = op["scratch"] + start * op["row_scratch"] + thread.index * op["member_scratch"]
        call(
            "forward",
            code.forward[k],
            view(memory.activations, op["x"] + start * op["inputs"], some, op["inputs"]),
            view(memory.activations, op["y"] + start * op["outputs"], some, op["outputs"]),
            part(memory.theta, op["theta"], op["theta_end"]),
            part(memory.state, op["state"], op["state_end"]),
            part(memory.scratch, begin, op["scratch_end"]),
            part(memory.constants, op["constants"], op["constants_end"]),
            advanced(random_bits(step_key, np.uint64(k)), np.uint64(start * op["outputs"])),
            training,
        )


@always_inline
def backward(
    code: KernelTable, memory: Buffers, rows: Number, step_key: Number, thread: ThreadContext
) -> None:
    """Backpropagation: every operation in turn, from dL/dz of the output.

    It ends at the first operation with parameters: nobody asks for dL/dx of the data.
    """
    start, stop = partition(rows, thread)
    for k in range(len(code.layout) - 1, code.first - 1, -1):
        step_back(code, memory, rows, start, stop, step_key, k, thread)


@compiled
def step_back(
    code: KernelTable,
    memory: Buffers,
    rows: Number,
    start: Number,
    stop: Number,
    step_key: Number,
    k: Number,
    thread: ThreadContext,
) -> None:
    """One operation of the backward pass, for the rows numbered ``start`` to ``stop`` - 1."""
    op = code.layout[k]
    if thread.size > 1 and code.unit_parallel[k] >= 0:
        if k > code.first:
            backward_unit_parallel(code, memory, rows, k, thread)
        return
    some = stop - start
    begin = op["scratch"] + start * op["row_scratch"] + thread.index * op["member_scratch"]
    call(
        "backward",
        code.backward[k],
        view(memory.activations, op["x"] + start * op["inputs"], some, op["inputs"]),
        view(memory.activations, op["y"] + start * op["outputs"], some, op["outputs"]),
        view(memory.deltas, op["dy"] + start * op["outputs"], some, op["outputs"]),
        view(
            memory.deltas,
            op["dx"] + start * op["inputs"],
            some if k > code.first else 0,
            op["inputs"],
        ),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.state, op["state"], op["state_end"]),
        part(memory.scratch, begin, op["scratch_end"]),
        part(memory.constants, op["constants"], op["constants_end"]),
        advanced(random_bits(step_key, np.uint64(k)), np.uint64(start * op["outputs"])),
    )


@always_inline
def differentiate(code: KernelTable, memory: Buffers, rows: Number, thread: ThreadContext) -> None:
    """The gradient of the parameters, each member for its share of every operation's units."""
    for place in range(len(code.learning)):
        op = code.layout[code.learning[place]]
        begin = op["scratch"] + thread.index * op["member_scratch"]
        start, stop = partition(op["outputs"], thread)
        call(
            "gradient",
            code.gradient[place],
            view(memory.activations, op["x"], rows, op["inputs"]),
            view(memory.deltas, op["dy"], rows, op["outputs"]),
            part(memory.gradient, op["theta"], op["theta_end"]),
            part(memory.scratch, begin, op["scratch_end"]),
            start,
            stop,
        )


@always_inline
def loss(code: KernelTable, memory: Buffers, start: Number, stop: Number, count: Number) -> None:
    """The loss of every row; leaves predictions, and dL/dz where the backward pass begins."""
    op = code.layout[len(code.layout) - 1]
    rows = stop - start
    call(
        "loss",
        code.loss[0],
        view(memory.activations, op["y"] + start * op["outputs"], rows, op["outputs"]),
        part(memory.target, start, stop),
        part(memory.weight, start, stop),
        part(memory.prediction, start, stop),
        view(memory.deltas, op["dy"] + start * op["outputs"], rows, op["outputs"]),
        part(memory.losses, start, stop),
        memory.loss_constants,
        count,
    )


@compiled_exactly
def total_loss(losses: Array, rows: Number) -> float:
    """The sum of the loss over the rows, in their order, in whichever function it ends up."""
    total = 0.0
    for i in range(rows):
        total += losses[i]
    return total


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


@always_inline
def transform_gradient(code: KernelTable, memory: Buffers) -> None:
    """What regularizers add to the gradient, then clipping."""
    for k in range(len(code.transform_gradient)):
        constants = memory.transform_constants[k]
        call(
            "transform_gradient",
            code.transform_gradient[k],
            memory.theta,
            memory.gradient,
            memory.blocks,
            constants,
        )


@always_inline
def update(
    code: KernelTable, memory: Buffers, rate: Number, step: Number, thread: ThreadContext
) -> None:
    """The optimizer's step, then what constrains the weights.

    An optimizer that remembers single numbers looks at all parameters at once.
    """
    start, stop = partition(memory.theta.size, thread)
    if memory.scalars.size:
        start, stop = 0, memory.theta.size if thread.index == 0 else 0
    if start < stop:
        call(
            "update",
            code.update[0],
            memory.theta,
            memory.gradient,
            memory.slots,
            memory.scalars,
            memory.blocks,
            rate,
            step,
            start,
            stop,
            memory.update_constants,
        )
    if len(code.project):
        barrier(thread)
        if thread.index == 0:
            for k in range(len(code.project)):
                constants = memory.project_constants[k]
                call("project", code.project[k], memory.theta, memory.blocks, rate, constants)


@compiled
def loss_and_gradient(
    code: KernelTable, memory: Buffers, rows: Number, step_key: Number, thread: ThreadContext
) -> float:
    """Loss and gradient of the mini-batch that is loaded, for a team of one."""
    forward(code, memory, rows, step_key, np.bool_(True), thread)
    loss(code, memory, 0, rows, rows)
    backward(code, memory, rows, step_key, thread)
    differentiate(code, memory, rows, thread)
    transform_gradient(code, memory)
    total: float = total_loss(memory.losses, rows)
    return total


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
    """Every augmentation in order, on the mini-batch that is loaded."""
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
    """Algorithm 1: take a mini-batch, its mean gradient, one update; again."""
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
    """Write what the last operation gives for every row."""
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
