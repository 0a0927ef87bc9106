"""From a gradient to an update: regularizers add to it, it is clipped, the optimizer takes a step.

Threads partition the parameters; whatever looks at all of them at once is done by the first one.
"""

from __future__ import annotations

from engine.kernels import Number, always_inline, call
from engine.program.memory import Buffers, KernelTable
from engine.program.threads import ThreadContext, barrier, partition

__all__ = ["transform_gradient", "update"]


@always_inline
def transform_gradient(code: KernelTable, memory: Buffers) -> None:
    """Add the gradients of the regularizers' penalties, then clip."""
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
