"""A program: a network compiled for one precision, with the memory it needs to run.

All buffers are allocated once, here. What follows is walking: ``train`` carries out a run of
mini-batches, ``evaluate`` and ``predict`` the forward pass alone; none of them allocates.

``capacity`` is the number of rows that fit at a time, ``batch_size`` (not more than that) the
number of rows of a mini-batch. Where there is enough to do, up to ``threads`` threads share it;
the results are the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.augmentation import Augmentation
from engine.clipping import Clipping
from engine.kernels import pointers
from engine.losses import Loss, TaskKind
from engine.metrics import totals_size
from engine.optimizers import SGD, Optimizer
from engine.program import loop
from engine.program.epochs import train_epochs
from engine.program.kernel_lists import (
    gradient_transforms,
    program_kernels,
    projections,
    unit_parallel_operations,
)
from engine.program.layout import Layout
from engine.program.memory import Buffers, KernelTable, StateHistory, zeros
from engine.program.network import Network
from engine.program.threads import ThreadContext, ThreadTeam, single_thread, thread_count
from engine.regularizers import Regularizer

__all__ = ["Program"]


class Program:
    """A network that can be run: ``theta``, ``slots`` and ``state`` are what a run changes.

    ``slot_names`` are the names of the slots, in their order.
    """

    def __init__(
        self,
        network: Network,
        *,
        loss: Loss,
        task: TaskKind,
        dtype: np.dtype[Any],
        capacity: int,
        batch_size: int = 0,
        optimizer: Optimizer | None = None,
        regularizers: Sequence[Regularizer] = (),
        clipping: Clipping | None = None,
        augmentation: Sequence[Augmentation] = (),
        threads: int = 1,
    ) -> None:
        self.network, self.task, self.dtype = network, task, dtype
        self.capacity, self.batch_size = capacity, batch_size
        training = optimizer is not None
        optimizer = optimizer or SGD()
        self.slot_names = tuple(slot.name for slot in optimizer.slots())
        rows = batch_size or capacity
        members = thread_count(network, rows, threads)
        self._alone = single_thread()
        self._workers = ThreadTeam(members) if members > 1 else None
        plan = Layout(network, capacity, members)
        operations = [node.operation for node in network.nodes]
        learning = [k for k, o in enumerate(operations) if o.gradient is not None]
        kernels = program_kernels(
            network,
            loss=loss,
            task=task,
            batch_size=rows,
            optimizer=optimizer,
            regularizers=regularizers,
            clipping=clipping,
            augmentation=augmentation,
            threads=threads,
        )
        self._code = KernelTable(
            layout=plan.operations,
            first=plan.first,
            learning=np.array(learning, np.int64),
            unit_parallel=_places(
                unit_parallel_operations(network, rows, members), len(operations)
            ),
            **{
                kernel_type: pointers(kernel_type, dtype, some)
                for kernel_type, some in kernels.items()
            },
        )
        trained = network.parameters if training else 0
        self._memory = Buffers(
            theta=zeros(network.parameters, dtype),
            gradient=zeros(trained, dtype),
            slots=zeros((len(optimizer.slots()), trained), dtype),
            scalars=np.zeros(optimizer.scalars(), np.float64),
            state=zeros(network.state, dtype),
            activations=zeros(plan.activations, dtype),
            deltas=zeros(plan.deltas, dtype),
            scratch=zeros(plan.scratch, dtype),
            prediction=zeros((capacity, network.outputs), dtype),
            target=zeros((capacity, 1 if task == "multiclass" else network.outputs), dtype),
            weight=np.ones(capacity, dtype),
            losses=np.zeros(capacity),
            spare=zeros(_spare(network, capacity) if augmentation else 0, dtype),
            constants=np.array([c for o in operations for c in o.constants], dtype),
            loss_constants=np.array(loss.constants(), dtype),
            augment_constants=_rows([a.constants(task) for a in augmentation], dtype),
            transform_constants=_rows(
                [c for _, c in gradient_transforms(regularizers, clipping)], dtype
            ),
            update_constants=np.array(optimizer.constants(), dtype),
            project_constants=_rows([c for _, c in projections(regularizers)], dtype),
            blocks=np.array(
                [(place.start, place.stop, place.block.shape[-1]) for place in network.weights],
                dtype=np.int64,
            ).reshape(-1, 3),
        )

    @property
    def threads(self) -> int:
        """How many share the work."""
        return 1 if self._workers is None else self._workers.size

    @property
    def theta(self) -> NDArray[Any]:
        """The parameter vector."""
        theta: NDArray[Any] = self._memory.theta
        return theta

    @property
    def gradient(self) -> NDArray[Any]:
        """dL/dtheta of the last mini-batch, penalties included."""
        gradient: NDArray[Any] = self._memory.gradient
        return gradient

    @property
    def slots(self) -> NDArray[Any]:
        """The optimizer's vectors, one a row."""
        slots: NDArray[Any] = self._memory.slots
        return slots

    @property
    def scalars(self) -> NDArray[np.float64]:
        """The optimizer's single numbers."""
        scalars: NDArray[np.float64] = self._memory.scalars
        return scalars

    @property
    def state(self) -> NDArray[Any]:
        """The layers' running statistics."""
        state: NDArray[Any] = self._memory.state
        return state

    def changing(self) -> StateHistory:
        """All that a run changes: the arrays themselves."""
        return StateHistory(self.theta, self.slots, self.scalars, self.state)

    def totals(self) -> NDArray[np.float64]:
        """Fresh sums for ``train`` and ``evaluate`` to add to (see ``metrics.py``)."""
        return np.zeros(totals_size(self.task, self.network.outputs))

    def train(
        self,
        x: NDArray[Any],
        targets: NDArray[Any],
        order: NDArray[np.integer[Any]],
        *,
        position: int,
        step: int,
        rates: NDArray[np.float64],
        run_key: np.uint64,
        totals: NDArray[np.float64],
        weights: NDArray[Any] | None = None,
    ) -> int:
        """Carry out ``len(rates)`` steps, and return how many were carried out.

        ``order`` is the epoch's shuffled row numbers, ``position`` the number of mini-batches of
        it that are done, ``step`` the number of updates so far in the run. ``weights`` holds a
        factor for the loss of every row, if they do not all count alike. Fewer steps than asked
        for means that the loss of the next one is not finite: theta is as it was before it.
        """
        given = np.zeros(0, self.dtype) if weights is None else weights
        done: int = self._walk(
            lambda thread: loop.train(
                self._code,
                self._memory,
                x,
                targets,
                given,
                order,
                self.batch_size,
                position,
                step,
                rates,
                run_key,
                totals,
                thread,
            )
        )
        return done

    def train_epochs(
        self,
        data: tuple[NDArray[Any], NDArray[Any], NDArray[Any]],
        validation: tuple[NDArray[Any], NDArray[Any]],
        order: NDArray[np.integer[Any]],
        *,
        step: int,
        epoch: int,
        rates: NDArray[np.float64],
        run_key: np.uint64,
        shuffle: np.uint64 | None,
        totals: NDArray[np.float64],
        validation_totals: NDArray[np.float64],
        history: StateHistory,
    ) -> int:
        """Carry out an epoch for every row of ``totals``, and return how many were completed.

        ``data`` are rows, targets and weights as ``train`` takes them, ``validation`` the rows and
        targets that are evaluated after each epoch, perhaps none. ``shuffle`` is the key of the
        orders of rows; without it they are taken in the ``order`` given. ``history`` has room for
        the state before the first epoch and after each.
        """
        done: int = self._walk(
            lambda thread: train_epochs(
                self._code,
                self._memory,
                *data,
                *validation,
                order,
                self.batch_size,
                self.capacity,
                len(rates) // max(1, len(totals)),
                step,
                rates,
                run_key,
                shuffle or np.uint64(0),
                epoch,
                shuffle is not None,
                totals,
                validation_totals,
                history,
                thread,
            )
        )
        return done

    def _walk(self, walk: Callable[[ThreadContext], Any]) -> Any:
        return walk(self._alone) if self._workers is None else self._workers.run(walk)

    def evaluate(self, x: NDArray[Any], targets: NDArray[Any], totals: NDArray[np.float64]) -> None:
        """Add the loss and the metrics' sums over all rows, without noise and without learning."""
        self._walk(
            lambda thread: loop.evaluate(
                self._code, self._memory, x, targets, self.capacity, totals, thread
            )
        )

    def augment(self, step_key: np.uint64) -> tuple[NDArray[Any], NDArray[Any]]:
        """Change the loaded rows and targets as a step of training would, and copy them."""
        inputs = self.network.inputs
        loop.augment(self._code, self._memory, self._rows, inputs, step_key, self._alone)
        return self._activations(0, inputs), self._memory.target[: self._rows].copy()

    def loss_and_gradient(
        self, x: NDArray[Any], targets: NDArray[Any], step_key: np.uint64
    ) -> float:
        """Fill ``gradient`` for one mini-batch, penalties included; return the mean loss."""
        self.load(x, targets)
        total: float = loop.loss_and_gradient(
            self._code, self._memory, self._rows, step_key, self._alone
        )
        return total / self._rows

    def load(self, x: NDArray[Any], targets: NDArray[Any] | None = None) -> None:
        """Load one mini-batch, to be walked through step by step with the methods below."""
        self._rows = len(x)
        if targets is not None:
            self._memory.target[: self._rows] = targets
        self._memory.weight[:] = 1
        loop.load(self._memory, x, 0, self._rows)

    def forward(self, step_key: np.uint64, *, training: bool) -> None:
        """Feed the loaded rows forward."""
        loop.forward(self._code, self._memory, self._rows, step_key, training, self._alone)

    def loss(self) -> float:
        """The mean loss of the loaded rows; leaves dL/dz of the output for ``deltas``."""
        return float(self.losses().sum()) / self._rows

    def losses(self) -> NDArray[np.float64]:
        """The loss of each loaded row."""
        loop.loss(self._code, self._memory, 0, self._rows, self._rows)
        losses: NDArray[np.float64] = self._memory.losses[: self._rows].copy()
        return losses

    @property
    def prediction(self) -> NDArray[Any]:
        """What was predicted for the loaded rows, as a copy."""
        return np.array(self._memory.prediction[: self._rows])

    def inputs_of(self, k: int) -> NDArray[Any]:
        """What operation k was given, as a copy; z = x + b after an operation with a bias."""
        op = self._code.layout[k]
        return self._activations(op["x"], op["inputs"])

    def outputs_of(self, k: int) -> NDArray[Any]:
        """What operation k gave, as a copy."""
        op = self._code.layout[k]
        return self._activations(op["y"], op["outputs"])

    def _activations(self, start: int, width: int) -> NDArray[Any]:
        flat = self._memory.activations[start : start + self._rows * width]
        return np.array(flat).reshape(self._rows, width)

    def deltas(self, step_key: np.uint64) -> Iterator[tuple[int, NDArray[Any], NDArray[Any]]]:
        """Feed back, one operation at a time: k, dL/dy as it arrived, and dL/dx, as copies.

        Begins at the last operation, after ``loss``; ends at the first one with parameters, whose
        dL/dx is not computed (no rows), but for an operation that works in place. Then
        ``gradient`` is there.
        """
        first = self._code.first
        for k in range(len(self._code.layout) - 1, first - 1, -1):
            op = self._code.layout[k]
            arrived = self._delta(op["dy"], self._rows, op["outputs"])
            rows = self._rows
            loop.step_back(self._code, self._memory, rows, 0, rows, step_key, k, self._alone)
            told = k > first or self.network.nodes[k].operation.in_place
            yield k, arrived, self._delta(op["dx"], self._rows if told else 0, op["inputs"])
        loop.differentiate(self._code, self._memory, self._rows, self._alone)

    def _delta(self, start: int, rows: int, width: int) -> NDArray[Any]:
        return np.array(self._memory.deltas[start : start + rows * width]).reshape(rows, width)

    def update(self, rate: float, step: int) -> None:
        """Regularize and clip the gradient, then take the optimizer's step; steps count from 1."""
        loop.transform_gradient(self._code, self._memory)
        loop.update(self._code, self._memory, rate, step, self._alone)

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the last operation for every row, in evaluation mode."""
        outputs = np.empty((len(x), self.network.outputs), self.dtype)
        self._walk(
            lambda thread: loop.predict(self._code, self._memory, x, self.capacity, outputs, thread)
        )
        return outputs


def _places(numbers: Sequence[int], count: int) -> NDArray[np.int64]:
    """For each number below the count, where it stands among those, or -1."""
    places = np.full(count, -1)
    places[numbers] = np.arange(len(numbers))
    return places


def _spare(network: Network, capacity: int) -> int:
    """Numbers of a mini-batch and of its targets."""
    return (network.inputs + network.outputs) * capacity


def _rows(rows: Sequence[tuple[float, ...]], dtype: np.dtype[Any]) -> NDArray[Any]:
    width = max((len(row) for row in rows), default=0)
    return np.array([(*row, *(0.0,) * (width - len(row))) for row in rows], dtype).reshape(
        len(rows), width
    )
