"""The compiled loop: it walks kernels over the memory of a program; nothing here allocates.

``train`` is the lecture's Algorithm 1. The activations of every operation lie one after another in
``activations``; the two rows of ``deltas`` take turns as dL/dy and dL/dx on the way back.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.kernels import Array, Number, call, compiled, part, put, random_bits, view, woven
from engine.metrics import LOSS, ROWS

__all__ = [
    "LAYOUT",
    "Code",
    "Memory",
    "augment",
    "backward",
    "evaluate",
    "forward",
    "gradients",
    "load",
    "loss",
    "predict",
    "step_back",
    "train",
    "update",
    "view",
]

LAYOUT = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("x", "inputs", "y", "outputs", "theta", "theta_end", "state", "state_end"),
            *("scratch", "scratch_end", "constants", "constants_end", "in_place"),
        )
    ]
)
"""One operation: where its inputs, outputs and numbers lie (offsets), and how wide rows are."""


AUGMENTATIONS = 1 << 32
"""The first counter of their random numbers in a step; those of operations begin at 0."""


class Code(NamedTuple):
    """What is walked: the operations' layout and kernels, and those of everything around them."""

    layout: Any
    first: int
    forward: Any
    backward: Any
    loss: Any
    tally: Any
    augment: Any
    adjust: Any
    update: Any
    project: Any


class Memory(NamedTuple):
    """What is walked over; see ``kernels.py`` for what each array is to a kernel."""

    theta: Any
    gradient: Any
    slots: Any
    scalars: Any
    state: Any
    activations: Any
    deltas: Any
    scratch: Any
    prediction: Any
    target: Any
    weight: Any
    spare: Any
    constants: Any
    loss_constants: Any
    augment_constants: Any
    adjust_constants: Any
    update_constants: Any
    project_constants: Any
    blocks: Any


@woven
def load(memory: Memory, x: Array) -> None:
    """Put rows where the forward pass begins."""
    put(memory.activations, x)


@compiled
def forward(code: Code, memory: Memory, rows: Number, noise: Number, training: Number) -> None:
    """Feedforward: every operation in order, from the rows loaded into ``activations``."""
    for k in range(len(code.layout)):
        op = code.layout[k]
        call(
            "forward",
            code.forward[k],
            view(memory.activations, op["x"], rows, op["inputs"]),
            view(memory.activations, op["y"], rows, op["outputs"]),
            part(memory.theta, op["theta"], op["theta_end"]),
            part(memory.state, op["state"], op["state_end"]),
            part(memory.scratch, op["scratch"], op["scratch_end"]),
            part(memory.constants, op["constants"], op["constants_end"]),
            random_bits(noise, np.uint64(k)),
            training,
        )


@woven
def backward(code: Code, memory: Memory, rows: Number, noise: Number) -> None:
    """Backpropagation: every operation in turn, from dL/dz of the output in ``deltas[0]``.

    It ends at the first operation with parameters: nobody asks for dL/dx of the data.
    """
    at: Number = np.int64(0)  # as it comes back: step_back is compiled for one type
    for k in range(len(code.layout) - 1, code.first - 1, -1):
        at = step_back(code, memory, rows, noise, k, at)


@compiled
def step_back(
    code: Code, memory: Memory, rows: Number, noise: Number, k: Number, at: Number
) -> int:
    """One operation of the backward pass: dL/dy is in ``deltas[at]``; returns where dL/dx is."""
    op = code.layout[k]
    call(
        "backward",
        code.backward[k],
        view(memory.activations, op["x"], rows, op["inputs"]),
        view(memory.activations, op["y"], rows, op["outputs"]),
        view(memory.deltas[at], 0, rows, op["outputs"]),
        view(memory.deltas[1 - at], 0, rows if k > code.first else 0, op["inputs"]),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.gradient, op["theta"], op["theta_end"]),
        part(memory.state, op["state"], op["state_end"]),
        part(memory.scratch, op["scratch"], op["scratch_end"]),
        part(memory.constants, op["constants"], op["constants_end"]),
        random_bits(noise, np.uint64(k)),
    )
    other: int = 1 - at
    return at if op["in_place"] else other


@woven
def loss(code: Code, memory: Memory, rows: Number) -> float:
    """The sum of the loss over the rows; leaves predictions, and dL/dz in ``deltas[0]``."""
    last = code.layout[len(code.layout) - 1]
    total: float = call(
        "loss",
        code.loss[0],
        view(memory.activations, last["y"], rows, last["outputs"]),
        part(memory.target, 0, rows),
        part(memory.weight, 0, rows),
        part(memory.prediction, 0, rows),
        view(memory.deltas[0], 0, rows, last["outputs"]),
        memory.loss_constants,
    )
    return total


@woven
def adjust(code: Code, memory: Memory) -> None:
    """What regularizers add to the gradient, then clipping."""
    for k in range(len(code.adjust)):
        constants = memory.adjust_constants[k]
        call("adjust", code.adjust[k], memory.theta, memory.gradient, memory.blocks, constants)


@woven
def update(code: Code, memory: Memory, rate: Number, step: Number) -> None:
    """The optimizer's step, then what constrains the weights."""
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
        memory.update_constants,
    )
    for k in range(len(code.project)):
        constants = memory.project_constants[k]
        call("project", code.project[k], memory.theta, memory.blocks, rate, constants)


@compiled
def gradients(code: Code, memory: Memory, rows: Number, noise: Number) -> float:
    """Loss and gradient of the mini-batch that is loaded."""
    forward(code, memory, rows, noise, np.bool_(True))
    total: float = loss(code, memory, rows)
    backward(code, memory, rows, noise)
    adjust(code, memory)
    return total


@woven
def gather(
    memory: Memory,
    x: Array,
    targets: Array,
    weights: Array,
    order: Array,
    start: Number,
    rows: Number,
) -> None:
    """Copy a mini-batch together; ``weights`` is empty where all rows count alike."""
    inputs = view(memory.activations, 0, rows, x.shape[1])
    for i in range(rows):
        row = order[start + i]
        for j in range(x.shape[1]):
            inputs[i, j] = x[row, j]
        for j in range(targets.shape[1]):
            memory.target[i, j] = targets[row, j]
        if weights.size:
            memory.weight[i] = weights[row]


@woven
def augment(code: Code, memory: Memory, rows: Number, inputs: Number, draw: Number) -> None:
    """Every augmentation in order, on the mini-batch that is loaded."""
    for k in range(len(code.augment)):
        call(
            "augment",
            code.augment[k],
            view(memory.activations, 0, rows, inputs),
            memory.spare,
            part(memory.target, 0, rows),
            memory.augment_constants[k],
            random_bits(draw, np.uint64(AUGMENTATIONS + k)),
        )


@compiled
def train(
    code: Code,
    memory: Memory,
    x: Array,
    targets: Array,
    weights: Array,
    order: Array,
    batch_size: Number,
    position: Number,
    step: Number,
    rates: Array,
    noise: Number,
    totals: Array,
) -> int:
    """Algorithm 1: take a mini-batch, its mean gradient, one update; again."""
    for done in range(rates.size):
        start = (position + done) * batch_size
        rows = min(batch_size, order.size - start)
        gather(memory, x, targets, weights, order, start, rows)
        now = step + done + 1
        draw = random_bits(noise, np.uint64(now))
        augment(code, memory, rows, x.shape[1], draw)
        forward(code, memory, rows, draw, np.bool_(True))
        total = loss(code, memory, rows)
        if not np.isfinite(total):
            return done
        totals[LOSS] += total
        totals[ROWS] += rows
        call(
            "tally",
            code.tally[0],
            part(memory.prediction, 0, rows),
            part(memory.target, 0, rows),
            totals,
        )
        backward(code, memory, rows, draw)
        adjust(code, memory)
        update(code, memory, rates[done], now)
    return int(rates.size)


@compiled
def evaluate(
    code: Code, memory: Memory, x: Array, targets: Array, capacity: Number, totals: Array
) -> None:
    """Add the loss and the tally of all rows, each counting once, to ``totals``."""
    memory.weight[:] = 1
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        load(memory, part(x, start, start + rows))
        put(memory.target, part(targets, start, start + rows))
        forward(code, memory, rows, np.uint64(0), np.bool_(False))
        totals[LOSS] += loss(code, memory, rows)
        totals[ROWS] += rows
        call(
            "tally",
            code.tally[0],
            part(memory.prediction, 0, rows),
            part(memory.target, 0, rows),
            totals,
        )


@compiled
def predict(code: Code, memory: Memory, x: Array, capacity: Number, outputs: Array) -> None:
    """Write what the last operation gives for every row."""
    last = code.layout[len(code.layout) - 1]
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        load(memory, part(x, start, start + rows))
        forward(code, memory, rows, np.uint64(0), np.bool_(False))
        given = view(memory.activations, last["y"], rows, last["outputs"])
        put(part(outputs, start, start + rows), given)
