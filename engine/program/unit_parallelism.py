"""Large layers in a team: members share units and inputs of all rows, instead of rows.

Sharing rows, each member copies all the weights in the order of their use (``products.py``).
Sharing units, each copies its part of them, but reads what the others made of all rows, and has to
meet them before and after. That is worth it where there are many weights, and more of them than
numbers of the rows: of a whole mini-batch, whatever is left for the last one or for validation.
"""

from __future__ import annotations

from engine.kernels import Number, always_inline, call, part, view
from engine.program.memory import Buffers, KernelTable
from engine.program.network import Node
from engine.program.threads import ThreadContext, barrier, partition

__all__ = ["is_spread", "spread_back", "spread_forward"]

MANY_WEIGHTS = 1 << 16
"""Weights of an operation that are worth meeting four times more, to share them."""


def is_spread(step: Node, rows: int, members: int) -> bool:
    """Whether so many members share the units and inputs of an operation, instead of rows."""
    operation = step.operation
    if members == 1 or operation.block is None or operation.parts is None:
        return False
    weights, numbers = operation.block.size, rows * (step.inputs + operation.outputs)
    return weights >= max(MANY_WEIGHTS, numbers)


@always_inline
def spread_forward(
    code: KernelTable, memory: Buffers, rows: Number, k: Number, team: ThreadContext
) -> None:
    """One operation of the forward pass, each member for its share of the units and all rows."""
    op = code.layout[k]
    begin = op["scratch"] + team.index * op["member_scratch"]
    first, last = partition(op["outputs"], team)
    barrier(team)
    call(
        "forward_units",
        code.forward_units[code.spread[k]],
        view(memory.activations, op["x"], rows, op["inputs"]),
        view(memory.activations, op["y"], rows, op["outputs"]),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.scratch, begin, op["scratch_end"]),
        first,
        last,
    )
    barrier(team)


@always_inline
def spread_back(
    code: KernelTable, memory: Buffers, rows: Number, k: Number, team: ThreadContext
) -> None:
    """One operation of the backward pass, each member for its share of the inputs and all rows."""
    op = code.layout[k]
    begin = op["scratch"] + team.index * op["member_scratch"]
    first, last = partition(op["inputs"], team)
    barrier(team)
    call(
        "backward_inputs",
        code.backward_inputs[code.spread[k]],
        view(memory.deltas, op["dy"], rows, op["outputs"]),
        view(memory.deltas, op["dx"], rows, op["inputs"]),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.scratch, begin, op["scratch_end"]),
        first,
        last,
    )
    barrier(team)
