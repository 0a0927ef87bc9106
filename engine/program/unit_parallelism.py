"""Unit parallelism: in large layers threads partition the units (and inputs), not the rows.

Partitioning rows, each thread copies all the weights in the order of their use (``matmul.py``).
Partitioning units, it copies its part of them only, but reads what the other threads computed of
all rows, with a barrier before and after. That is faster where a layer has many weights, and more
of them than a mini-batch has numbers on its two sides. The size of full mini-batches decides, for
the last one of an epoch and for validation too.
"""

from __future__ import annotations

from engine.kernels import Number, always_inline, call, part, view
from engine.program.memory import Buffers, KernelTable
from engine.program.network import Node
from engine.program.threads import ThreadContext, barrier, partition

__all__ = ["backward_unit_parallel", "forward_unit_parallel", "is_unit_parallel"]

MANY_WEIGHTS = 1 << 16
"""The number of weights from which on four more barriers per step are worth it."""


def is_unit_parallel(node: Node, rows: int, members: int) -> bool:
    """Whether ``members`` threads partition the units and inputs of an operation, not its rows."""
    operation = node.operation
    if members == 1 or operation.block is None or operation.unit_kernels is None:
        return False
    weights, numbers = operation.block.size, rows * (node.inputs + operation.outputs)
    return weights >= max(MANY_WEIGHTS, numbers)


@always_inline
def forward_unit_parallel(
    code: KernelTable, memory: Buffers, rows: Number, k: Number, thread: ThreadContext
) -> None:
    """One operation of the forward pass: this thread computes its units, for all rows."""
    op = code.layout[k]
    begin = op["scratch"] + thread.index * op["member_scratch"]
    start, stop = partition(op["outputs"], thread)
    barrier(thread)
    call(
        "forward_units",
        code.forward_units[code.unit_parallel[k]],
        view(memory.activations, op["x"], rows, op["inputs"]),
        view(memory.activations, op["y"], rows, op["outputs"]),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.scratch, begin, op["scratch_end"]),
        start,
        stop,
    )
    barrier(thread)


@always_inline
def backward_unit_parallel(
    code: KernelTable, memory: Buffers, rows: Number, k: Number, thread: ThreadContext
) -> None:
    """One operation of the backward pass: this thread computes its inputs' deltas, for all rows."""
    op = code.layout[k]
    begin = op["scratch"] + thread.index * op["member_scratch"]
    start, stop = partition(op["inputs"], thread)
    barrier(thread)
    call(
        "backward_inputs",
        code.backward_inputs[code.unit_parallel[k]],
        view(memory.deltas, op["dy"], rows, op["outputs"]),
        view(memory.deltas, op["dx"], rows, op["inputs"]),
        part(memory.theta, op["theta"], op["theta_end"]),
        part(memory.scratch, begin, op["scratch_end"]),
        start,
        stop,
    )
    barrier(thread)
