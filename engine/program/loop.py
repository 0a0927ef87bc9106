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
    call,
    compiled,
    compiled_exactly,
    part,
    put,
    random_bits,
    smaller,
    view,
    woven,
)
from engine.metrics import LOSS, ROWS
from engine.program.memory import Code, Memory
from engine.program.threads import Team, meet, share
from engine.program.unit_parallelism import spread_back, spread_forward

__all__ = [
    "adjust",
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
]

AUGMENTATIONS = 1 << 32
"""The first counter of their random numbers in a step; those of operations begin at 0."""


@woven
def load(memory: Memory, x: Array, first: Number, last: Number) -> None:
    """Put rows where the forward pass begins, from the first up to the last."""
    width = x.shape[1]
    put(view(memory.activations, first * width, last - first, width), part(x, first, last))


@compiled
def forward(
    code: Code, memory: Memory, rows: Number, noise: Number, training: Number, team: Team
) -> None:
    """Feedforward: every operation in order, from the rows loaded into ``activations``."""
    first, last = share(rows, team)
    some = last - first
    for k in range(len(code.layout)):
        op = code.layout[k]
        if team.size > 1 and code.spread[k] >= 0:
            spread_forward(code, memory, rows, k, team)
            continue
        begin = op["scratch"] + first * op["row_scratch"] + team.index * op["member_scratch"]
        call(
            "forward",
            code.forward[k],
            view(memory.activations, op["x"] + first * op["inputs"], some, op["inputs"]),
            view(memory.activations, op["y"] + first * op["outputs"], some, op["outputs"]),
            part(memory.theta, op["theta"], op["theta_end"]),
            part(memory.state, op["state"], op["state_end"]),
            part(memory.scratch, begin, op["scratch_end"]),
            part(memory.constants, op["constants"], op["constants_end"]),
            advanced(random_bits(noise, np.uint64(k)), np.uint64(first * op["outputs"])),
            training,
        )


@woven
def backward(code: Code, memory: Memory, rows: Number, noise: Number, team: Team) -> None:
    """Backpropagation: every operation in turn, from dL/dz of the output.

    It ends at the first operation with parameters: nobody asks for dL/dx of the data.
    """
    first, last = share(rows, team)
    for k in range(len(code.layout) - 1, code.first - 1, -1):
        step_back(code, memory, rows, first, last, noise, k, team)


@compiled
def step_back(
    code: Code,
    memory: Memory,
    rows: Number,
    first: Number,
    last: Number,
    noise: Number,
    k: Number,
    team: Team,
) -> None:
    """One operation of the backward pass, of whose rows a member has those from first to last."""
    op = code.layout[k]
    if team.size > 1 and code.spread[k] >= 0:
        if k > code.first:
            spread_back(code, memory, rows, k, team)
        return
    some = last - first
    begin = op["scratch"] + first * op["row_scratch"] + team.index * op["member_scratch"]
    call(
        "backward",
        code.backward[k],
        view(memory.activations, op["x"] + first * op["inputs"], some, op["inputs"]),
        view(memory.activations, op["y"] + first * op["outputs"], some, op["outputs"]),
        view(memory.deltas, op["dy"] + first * op["outputs"], some, op["outputs"]),
        view(
            memory.deltas,
            op["dx"] + first * op["inputs"],
            some if k > code.first else 0,
            op["inputs"],
        ),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.state, op["state"], op["state_end"]),
        part(memory.scratch, begin, op["scratch_end"]),
        part(memory.constants, op["constants"], op["constants_end"]),
        advanced(random_bits(noise, np.uint64(k)), np.uint64(first * op["outputs"])),
    )


@woven
def differentiate(code: Code, memory: Memory, rows: Number, team: Team) -> None:
    """The gradient of the parameters, each member for its share of every operation's units."""
    for place in range(len(code.learning)):
        op = code.layout[code.learning[place]]
        begin = op["scratch"] + team.index * op["member_scratch"]
        first, last = share(op["outputs"], team)
        call(
            "gradient",
            code.gradient[place],
            view(memory.activations, op["x"], rows, op["inputs"]),
            view(memory.deltas, op["dy"], rows, op["outputs"]),
            part(memory.gradient, op["theta"], op["theta_end"]),
            part(memory.scratch, begin, op["scratch_end"]),
            first,
            last,
        )


@woven
def loss(code: Code, memory: Memory, first: Number, last: Number, count: Number) -> None:
    """The loss of every row; leaves predictions, and dL/dz where the backward pass begins."""
    op = code.layout[len(code.layout) - 1]
    rows = last - first
    call(
        "loss",
        code.loss[0],
        view(memory.activations, op["y"] + first * op["outputs"], rows, op["outputs"]),
        part(memory.target, first, last),
        part(memory.weight, first, last),
        part(memory.prediction, first, last),
        view(memory.deltas, op["dy"] + first * op["outputs"], rows, op["outputs"]),
        part(memory.losses, first, last),
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


@woven
def tally(code: Code, memory: Memory, rows: Number, loss: Number, totals: Array) -> None:
    """Add the loss of all rows, and what the metrics need, to ``totals``."""
    totals[LOSS] += loss
    totals[ROWS] += rows
    call(
        "tally",
        code.tally[0],
        part(memory.prediction, 0, rows),
        part(memory.target, 0, rows),
        totals,
    )


@woven
def adjust(code: Code, memory: Memory) -> None:
    """What regularizers add to the gradient, then clipping."""
    for k in range(len(code.adjust)):
        constants = memory.adjust_constants[k]
        call("adjust", code.adjust[k], memory.theta, memory.gradient, memory.blocks, constants)


@woven
def update(code: Code, memory: Memory, rate: Number, step: Number, team: Team) -> None:
    """The optimizer's step, then what constrains the weights.

    An optimizer that remembers single numbers looks at all parameters at once.
    """
    first, last = share(memory.theta.size, team)
    if memory.scalars.size:
        first, last = 0, memory.theta.size if team.index == 0 else 0
    if first < last:
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
            first,
            last,
            memory.update_constants,
        )
    if len(code.project):
        meet(team)
        if team.index == 0:
            for k in range(len(code.project)):
                constants = memory.project_constants[k]
                call("project", code.project[k], memory.theta, memory.blocks, rate, constants)


@compiled
def gradients(code: Code, memory: Memory, rows: Number, noise: Number, team: Team) -> float:
    """Loss and gradient of the mini-batch that is loaded, for a team of one."""
    forward(code, memory, rows, noise, np.bool_(True), team)
    loss(code, memory, 0, rows, rows)
    backward(code, memory, rows, noise, team)
    differentiate(code, memory, rows, team)
    adjust(code, memory)
    total: float = total_loss(memory.losses, rows)
    return total


@woven
def gather(
    memory: Memory,
    x: Array,
    targets: Array,
    weights: Array,
    order: Array,
    start: Number,
    first: Number,
    last: Number,
) -> None:
    """Copy rows of a mini-batch together; ``weights`` is empty where all rows count alike."""
    inputs = view(memory.activations, 0, last, x.shape[1])
    for i in range(first, last):
        row = order[start + i]
        for j in range(x.shape[1]):
            inputs[i, j] = x[row, j]
        for j in range(targets.shape[1]):
            memory.target[i, j] = targets[row, j]
        if weights.size:
            memory.weight[i] = weights[row]


@woven
def augment(
    code: Code, memory: Memory, rows: Number, inputs: Number, draw: Number, team: Team
) -> None:
    """Every augmentation in order, on the mini-batch that is loaded."""
    if len(code.augment):
        meet(team)
        if team.index == 0:
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
        meet(team)


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
    team: Team,
) -> int:
    """Algorithm 1: take a mini-batch, its mean gradient, one update; again."""
    for done in range(rates.size):
        start = (position + done) * batch_size
        rows = smaller(batch_size, order.size - start)
        first, last = share(rows, team)
        now = step + done + 1
        draw = random_bits(noise, np.uint64(now))
        gather(memory, x, targets, weights, order, start, first, last)
        augment(code, memory, rows, x.shape[1], draw, team)
        forward(code, memory, rows, draw, np.bool_(True), team)
        loss(code, memory, first, last, rows)
        backward(code, memory, rows, draw, team)
        meet(team)
        whole = total_loss(memory.losses, rows)
        if not np.isfinite(whole):
            return done
        if team.index == 0:
            tally(code, memory, rows, whole, totals)
        differentiate(code, memory, rows, team)
        meet(team)
        if len(code.adjust):
            if team.index == 0:
                adjust(code, memory)
            meet(team)
        update(code, memory, rates[done], now, team)
        meet(team)
    steps: int = rates.size
    return steps


@compiled
def evaluate(
    code: Code,
    memory: Memory,
    x: Array,
    targets: Array,
    capacity: Number,
    totals: Array,
    team: Team,
) -> None:
    """Add the loss and the tally of all rows, each counting once, to ``totals``."""
    for start in range(0, x.shape[0], capacity):
        rows = smaller(capacity, x.shape[0] - start)
        first, last = share(rows, team)
        load(memory, part(x, start, start + rows), first, last)
        put(part(memory.target, first, last), part(targets, start + first, start + last))
        memory.weight[first:last] = 1
        forward(code, memory, rows, np.uint64(0), np.bool_(False), team)
        loss(code, memory, first, last, rows)
        meet(team)
        if team.index == 0:
            tally(code, memory, rows, total_loss(memory.losses, rows), totals)
        meet(team)


@compiled
def predict(
    code: Code, memory: Memory, x: Array, capacity: Number, outputs: Array, team: Team
) -> None:
    """Write what the last operation gives for every row."""
    op = code.layout[len(code.layout) - 1]
    for start in range(0, x.shape[0], capacity):
        rows = smaller(capacity, x.shape[0] - start)
        first, last = share(rows, team)
        load(memory, part(x, start, start + rows), first, last)
        forward(code, memory, rows, np.uint64(0), np.bool_(False), team)
        place = op["y"] + first * op["outputs"]
        made = view(memory.activations, place, last - first, op["outputs"])
        put(part(outputs, start + first, start + last), made)
        meet(team)
