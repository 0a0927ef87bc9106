"""What a mini-batch goes through: the forward pass, the loss, the backward pass, the gradient.

What every operation makes of a mini-batch, and what comes back to it, stays where it is until the
next one; nothing here allocates. Threads partition the rows forward and back (in large layers the
units and inputs instead), and the units for their gradients.
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
    view,
)
from engine.program.memory import Buffers, KernelTable
from engine.program.threads import ThreadContext, partition
from engine.program.unit_parallelism import backward_unit_parallel, forward_unit_parallel

__all__ = [
    "backward",
    "differentiate",
    "forward",
    "load",
    "loss",
    "step_back",
    "total_loss",
]


@always_inline
def load(memory: Buffers, x: Array, start: Number, stop: Number) -> None:
    """Copy rows to the inputs of the first operation, as rows ``start`` to ``stop`` - 1."""
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
    """Run the backward pass of operation k, for the rows numbered ``start`` to ``stop`` - 1."""
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
    """Compute the gradient of all parameters, each thread for its units of every operation."""
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
    """Compute predictions, the loss of every row, and dL/dz, where the backward pass begins."""
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
