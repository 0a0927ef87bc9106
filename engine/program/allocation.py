"""What a program is made of: the table of its kernels, and all of its memory, allocated at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.augmentation import Augmentation
from engine.clipping import Clipping
from engine.kernels import Kernel, pointers
from engine.losses import Loss, TaskKind
from engine.optimizers import Optimizer
from engine.program.kernel_lists import gradient_transforms, projections
from engine.program.layout import Layout
from engine.program.memory import Buffers, KernelTable, zeros
from engine.program.network import Network
from engine.regularizers import Regularizer

__all__ = ["buffers", "kernel_table"]


def kernel_table(
    network: Network,
    layout: Layout,
    kernels: Mapping[str, Sequence[Kernel]],
    shared: Sequence[int],
    dtype: np.dtype[Any],
) -> KernelTable:
    """The kernels of a program in a precision, by their types, compiled or loaded.

    ``shared`` are the numbers of the operations of which threads partition the units, not the rows.
    """
    operations = [node.operation for node in network.nodes]
    learning = [k for k, each in enumerate(operations) if each.gradient is not None]
    unit_parallel = np.full(len(operations), -1)
    unit_parallel[shared] = np.arange(len(shared))
    return KernelTable(
        layout=layout.operations,
        first=layout.first,
        learning=np.array(learning, np.int64),
        unit_parallel=unit_parallel,
        **{
            kernel_type: pointers(kernel_type, dtype, functions)
            for kernel_type, functions in kernels.items()
        },
    )


def buffers(
    network: Network,
    layout: Layout,
    *,
    loss: Loss,
    task: TaskKind,
    dtype: np.dtype[Any],
    capacity: int,
    optimizer: Optimizer,
    is_trained: bool,
    regularizers: Sequence[Regularizer],
    clipping: Clipping | None,
    augmentation: Sequence[Augmentation],
) -> Buffers:
    """The memory of a program for ``capacity`` rows at a time, and the constants of its kernels.

    Unless it ``is_trained``, there is no gradient, and nothing that an optimizer remembers.
    """
    outputs, inputs = network.outputs, network.inputs
    trained = network.parameters if is_trained else 0
    transforms = gradient_transforms(regularizers, clipping)
    return Buffers(
        theta=zeros(network.parameters, dtype),
        gradient=zeros(trained, dtype),
        slots=zeros((len(optimizer.slots()), trained), dtype),
        scalars=np.zeros(optimizer.scalars(), np.float64),
        state=zeros(network.state, dtype),
        activations=zeros(layout.activations, dtype),
        deltas=zeros(layout.deltas, dtype),
        scratch=zeros(layout.scratch, dtype),
        prediction=zeros((capacity, outputs), dtype),
        target=zeros((capacity, 1 if task == "multiclass" else outputs), dtype),
        weight=np.ones(capacity, dtype),
        losses=np.zeros(capacity),
        spare=zeros((inputs + outputs) * capacity if augmentation else 0, dtype),
        constants=np.array([c for n in network.nodes for c in n.operation.constants], dtype),
        loss_constants=np.array(loss.constants(), dtype),
        augment_constants=_rows([a.constants(task) for a in augmentation], dtype),
        transform_constants=_rows([constants for _, constants in transforms], dtype),
        update_constants=np.array(optimizer.constants(), dtype),
        project_constants=_rows([c for _, c in projections(regularizers)], dtype),
        blocks=np.array(
            [(place.start, place.stop, place.block.shape[-1]) for place in network.weights],
            dtype=np.int64,
        ).reshape(-1, 3),
    )


def _rows(rows: Sequence[tuple[float, ...]], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Rows of numbers as a matrix; shorter ones are filled up with zeros."""
    width = max((len(row) for row in rows), default=0)
    return np.array([(*row, *(0.0,) * (width - len(row))) for row in rows], dtype).reshape(
        len(rows), width
    )
