"""What the compiled loop is called with: the table of kernels, and all buffers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compiler.bundles import Bundle
from engine.compiler.matmul import SLACK

__all__ = ["LAYOUT", "Buffers", "KernelTable", "StateHistory", "zeros"]

LINE_BYTES = 64
"""The bytes of a line of the processor's cache, and of the longest vectors that it loads."""

LAYOUT = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("x", "inputs", "y", "outputs", "dx", "dy", "theta", "theta_end"),
            *("state", "state_end", "scratch", "scratch_end", "row_scratch", "member_scratch"),
            *("constants", "constants_end"),
        )
    ]
)
"""One operation: where its inputs, outputs and numbers lie (offsets), and how wide rows are.

``row_scratch`` and ``member_scratch`` lie between the scratch of two rows, and of two members.
"""


@dataclass(frozen=True, eq=False)
class KernelTable(Bundle):
    """The layout and the kernels of all operations, and the kernels of everything around them.

    ``first`` is the index of the first operation with parameters, ``learning`` the indices of those
    that have any. ``unit_parallel`` is, for every operation of which threads partition units and
    inputs instead of rows, its index in ``forward_units`` and ``backward_inputs``, and -1 for the
    others.
    """

    layout: Any
    first: int
    learning: Any
    unit_parallel: Any
    forward: Any
    backward: Any
    forward_units: Any
    backward_inputs: Any
    gradient: Any
    loss: Any
    accumulate_metrics: Any
    augment: Any
    transform_gradient: Any
    update: Any
    project: Any


@dataclass(frozen=True, eq=False)
class Buffers(Bundle):
    """The arrays of a program; see ``kernels.py`` for what each of them is to a kernel."""

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
    losses: Any
    spare: Any
    constants: Any
    loss_constants: Any
    augment_constants: Any
    transform_constants: Any
    update_constants: Any
    project_constants: Any
    blocks: Any


class StateHistory(NamedTuple):
    """Copies of what a run changes at several moments, one a row."""

    theta: Any
    slots: Any
    scalars: Any
    state: Any


def zeros(shape: int | tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Zeros that begin at a line of the cache, with more memory behind, which products may read.

    NumPy's arrays begin anywhere; a vector that crosses two lines takes two loads.
    """
    size = int(np.prod(shape)) * dtype.itemsize
    memory = np.zeros(LINE_BYTES + size + SLACK * dtype.itemsize, np.uint8)
    start = -memory.ctypes.data % LINE_BYTES
    return memory[start : start + size].view(dtype).reshape(shape)
