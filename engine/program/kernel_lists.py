"""Which kernels a program calls, by their types; they need not be compiled to know that."""

from __future__ import annotations

from collections.abc import Sequence

from engine.augmentation import Augmentation
from engine.clipping import Clipping
from engine.kernels import Kernel
from engine.losses import Loss, TaskKind
from engine.metrics import metrics_kernel
from engine.optimizers import Optimizer
from engine.program.network import Network
from engine.program.threads import thread_count
from engine.program.unit_parallelism import is_unit_parallel
from engine.regularizers import Regularizer

__all__ = ["gradient_transforms", "program_kernels", "projections", "unit_parallel_operations"]


def program_kernels(
    network: Network,
    *,
    loss: Loss,
    task: TaskKind,
    batch_size: int,
    optimizer: Optimizer,
    regularizers: Sequence[Regularizer] = (),
    clipping: Clipping | None = None,
    augmentation: Sequence[Augmentation] = (),
    threads: int = 1,
) -> dict[str, list[Kernel]]:
    """The kernels of a program with these parts; what takes longest to compile comes first."""
    operations = [node.operation for node in network.nodes]
    members = thread_count(network, batch_size, threads)
    shared = [
        operations[k].unit_kernels for k in unit_parallel_operations(network, batch_size, members)
    ]
    pairs = [each for each in shared if each is not None]
    return {
        "loss": [loss.kernel(task)],
        "forward": [o.forward for o in operations],
        "backward": [o.backward for o in operations],
        "gradient": [o.gradient for o in operations if o.gradient is not None],
        "forward_units": [forward for forward, _ in pairs],
        "backward_inputs": [backward for _, backward in pairs],
        "update": [optimizer.kernel()],
        "transform_gradient": [kernel for kernel, _ in gradient_transforms(regularizers, clipping)],
        "project": [kernel for kernel, _ in projections(regularizers)],
        "augment": [each.kernel() for each in augmentation],
        "accumulate_metrics": [metrics_kernel(task)],
    }


def gradient_transforms(
    regularizers: Sequence[Regularizer], clipping: Clipping | None
) -> list[tuple[Kernel, tuple[float, ...]]]:
    """Kernels that change the gradient before it is used, in order, with their constants."""
    found = [(k, each.constants()) for each in regularizers if (k := each.transform_gradient())]
    return found if clipping is None else [*found, (clipping.kernel(), clipping.constants())]


def projections(
    regularizers: Sequence[Regularizer],
) -> list[tuple[Kernel, tuple[float, ...]]]:
    """Kernels that move the weights after an update, in order, with their constants."""
    return [(k, each.constants()) for each in regularizers if (k := each.project())]


def unit_parallel_operations(network: Network, rows: int, members: int) -> list[int]:
    """The indices of the operations of which ``members`` threads partition the units."""
    return [k for k, node in enumerate(network.nodes) if is_unit_parallel(node, rows, members)]
