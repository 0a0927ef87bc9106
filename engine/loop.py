"""The compiled loop: walks the kernels of a network over its memory.

This is all that runs between two of Python's looks at a training: Algorithm 1 and what it is made
of. Nothing here allocates.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.kernels import Array, Number, call, compiled, random_bits
from engine.metrics import LOSS, ROWS

__all__ = ["Code", "Memory", "evaluate", "gradients", "load", "predict", "train"]


class Code(NamedTuple):
    """What is walked: the operations' layout and kernels, and those of everything around them."""

    layout: Any
    first: int
    forward: Any
    backward: Any
    loss: Any
    tally: Any
    penalties: Any
    update: Any


class Memory(NamedTuple):
    """What is walked over; see ``kernels.py`` for what each array is to a kernel."""

    theta: Any
    gradient: Any
    slots: Any
    state: Any
    activations: Any
    deltas: Any
    scratch: Any
    prediction: Any
    target: Any
    constants: Any
    loss_constants: Any
    penalty_constants: Any
    update_constants: Any
    blocks: Any


@compiled
def _view(buffer: Array, start: Number, rows: Number, width: Number) -> Array:
    """A matrix over a part of a flat buffer."""
    return buffer[start : start + rows * width].reshape((rows, width))


@compiled
def load(memory: Memory, x: Array) -> None:
    """Put rows where the first operation reads them."""
    inputs = _view(memory.activations, 0, x.shape[0], x.shape[1])
    inputs[:] = x


@compiled
def _forward(code: Code, memory: Memory, rows: Number, noise: Number, training: Number) -> None:
    """Feedforward: every operation in order, from the rows loaded into ``activations``."""
    for k in range(len(code.layout)):
        op = code.layout[k]
        call(
            "forward",
            code.forward[k],
            _view(memory.activations, op["x"], rows, op["inputs"]),
            _view(memory.activations, op["y"], rows, op["outputs"]),
            memory.theta[op["theta"] : op["theta_end"]],
            memory.state[op["state"] : op["state_end"]],
            memory.scratch[op["scratch"] : op["scratch_end"]],
            memory.constants[op["constants"] : op["constants_end"]],
            random_bits(noise, np.uint64(k)),
            training,
        )


@compiled
def _backward(code: Code, memory: Memory, rows: Number, noise: Number) -> None:
    """Backpropagation: every operation in turn, from dL/dz of the output in ``deltas[0]``.

    It ends at the first operation with parameters: nobody asks for dL/dx of the data.
    """
    at = 0
    for k in range(len(code.layout) - 1, code.first - 1, -1):
        op = code.layout[k]
        dy = _view(memory.deltas[at], 0, rows, op["outputs"])
        dx = _view(memory.deltas[1 - at], 0, rows if k > code.first else 0, op["inputs"])
        call(
            "backward",
            code.backward[k],
            _view(memory.activations, op["x"], rows, op["inputs"]),
            _view(memory.activations, op["y"], rows, op["outputs"]),
            dy,
            dx,
            memory.theta[op["theta"] : op["theta_end"]],
            memory.gradient[op["theta"] : op["theta_end"]],
            memory.state[op["state"] : op["state_end"]],
            memory.scratch[op["scratch"] : op["scratch_end"]],
            memory.constants[op["constants"] : op["constants_end"]],
            random_bits(noise, np.uint64(k)),
        )
        if not op["in_place"]:
            at = 1 - at


@compiled
def _loss(code: Code, memory: Memory, rows: Number) -> float:
    last = code.layout[len(code.layout) - 1]
    total: float = call(
        "loss",
        code.loss[0],
        _view(memory.activations, last["y"], rows, last["outputs"]),
        memory.target[:rows],
        memory.prediction[:rows],
        _view(memory.deltas[0], 0, rows, last["outputs"]),
        memory.loss_constants,
    )
    return total


@compiled
def _penalize(code: Code, memory: Memory) -> None:
    for k in range(len(code.penalties)):
        call(
            "penalty",
            code.penalties[k],
            memory.theta,
            memory.gradient,
            memory.blocks,
            memory.penalty_constants[k],
        )


@compiled
def gradients(code: Code, memory: Memory, rows: Number, noise: Number) -> float:
    """Loss and gradient of the mini-batch that is loaded."""
    _forward(code, memory, rows, noise, True)
    total: float = _loss(code, memory, rows)
    _backward(code, memory, rows, noise)
    _penalize(code, memory)
    return total


@compiled
def _gather(
    memory: Memory, x: Array, targets: Array, order: Array, start: Number, rows: Number
) -> None:
    inputs = _view(memory.activations, 0, rows, x.shape[1])
    for i in range(rows):
        row = order[start + i]
        for j in range(x.shape[1]):
            inputs[i, j] = x[row, j]
        for j in range(targets.shape[1]):
            memory.target[i, j] = targets[row, j]


@compiled
def train(
    code: Code,
    memory: Memory,
    x: Array,
    targets: Array,
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
        _gather(memory, x, targets, order, start, rows)
        now = step + done + 1
        draw = random_bits(noise, np.uint64(now))
        _forward(code, memory, rows, draw, True)
        total = _loss(code, memory, rows)
        if not np.isfinite(total):
            return done
        totals[LOSS] += total
        totals[ROWS] += rows
        call("tally", code.tally[0], memory.prediction[:rows], memory.target[:rows], totals)
        _backward(code, memory, rows, draw)
        _penalize(code, memory)
        call(
            "update",
            code.update[0],
            memory.theta,
            memory.gradient,
            memory.slots,
            rates[done],
            now,
            memory.update_constants,
        )
    return int(rates.size)


@compiled
def evaluate(
    code: Code, memory: Memory, x: Array, targets: Array, capacity: Number, totals: Array
) -> None:
    """Loss and tally of all rows, ``capacity`` at a time, without noise."""
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        load(memory, x[start : start + rows])
        memory.target[:rows] = targets[start : start + rows]
        _forward(code, memory, rows, np.uint64(0), False)
        totals[LOSS] += _loss(code, memory, rows)
        totals[ROWS] += rows
        call("tally", code.tally[0], memory.prediction[:rows], memory.target[:rows], totals)


@compiled
def predict(code: Code, memory: Memory, x: Array, capacity: Number, outputs: Array) -> None:
    """The outputs of all rows, ``capacity`` at a time."""
    last = code.layout[len(code.layout) - 1]
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        load(memory, x[start : start + rows])
        _forward(code, memory, rows, np.uint64(0), False)
        outputs[start : start + rows] = _view(memory.activations, last["y"], rows, last["outputs"])
