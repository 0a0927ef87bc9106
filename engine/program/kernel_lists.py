"""Which kernels a program calls, by their types: known before any of them is compiled."""

from __future__ import annotations

from collections.abc import Sequence

from engine.augmentation import Augmentation
from engine.clipping import Clipping
from engine.kernels import Kernel
from engine.losses import Loss, TaskKind
from engine.metrics import tally_kernel
from engine.optimizers import Optimizer
from engine.program.network import Network
from engine.program.threads import thread_count
from engine.program.unit_parallelism import is_spread
from engine.regularizers import Regularizer

__all__ = ["gradient_transforms", "program_kernels", "projections", "spread_operations"]


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
    operations = [step.operation for step in network.steps]
    members = thread_count(network, batch_size, threads)
    shared = [operations[k].parts for k in spread_operations(network, batch_size, members)]
    pairs = [parts for parts in shared if parts is not None]
    return {
        "loss": [loss.kernel(task)],
        "forward": [o.forward for o in operations],
        "backward": [o.backward for o in operations],
        "gradient": [o.gradient for o in operations if o.gradient is not None],
        "forward_units": [forward for forward, _ in pairs],
        "backward_inputs": [backward for _, backward in pairs],
        "update": [optimizer.kernel()],
        "adjust": [kernel for kernel, _ in gradient_transforms(regularizers, clipping)],
        "project": [kernel for kernel, _ in projections(regularizers)],
        "augment": [each.kernel() for each in augmentation],
        "tally": [tally_kernel(task)],
    }


def gradient_transforms(
    regularizers: Sequence[Regularizer], clipping: Clipping | None
) -> list[tuple[Kernel, tuple[float, ...]]]:
    """What changes the gradient before it is used, in this order: kernels and their constants."""
    found = [(k, each.constants()) for each in regularizers if (k := each.adjust())]
    return found if clipping is None else [*found, (clipping.kernel(), clipping.constants())]


def projections(
    regularizers: Sequence[Regularizer],
) -> list[tuple[Kernel, tuple[float, ...]]]:
    """What moves the weights after an update: kernels and their constants."""
    return [(k, each.constants()) for each in regularizers if (k := each.project())]


def spread_operations(network: Network, rows: int, members: int) -> list[int]:
    """The numbers of the operations of which so many threads share the units, not the rows."""
    return [k for k, step in enumerate(network.steps) if is_spread(step, rows, members)]
