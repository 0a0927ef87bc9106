"""A program: a network compiled for one precision, with the memory it needs to run.

All buffers are allocated once, in the constructor. ``train`` carries out a run of mini-batches,
``evaluate`` and ``predict`` the forward pass alone; none of them allocates.

``capacity`` is the number of rows that fit at a time, ``batch_size`` (not more than that) the
number of rows of a mini-batch. Where there is enough to do, up to ``threads`` threads share it;
the results are the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.augmentation import Augmentation
from engine.clipping import Clipping
from engine.losses import Loss, TaskKind
from engine.metrics import totals_size
from engine.optimizers import SGD, Optimizer
from engine.program import loop
from engine.program.allocation import buffers, kernel_table
from engine.program.epochs import train_epochs
from engine.program.kernel_lists import program_kernels, unit_parallel_operations
from engine.program.layout import Layout
from engine.program.memory import StateHistory
from engine.program.network import Network
from engine.program.step_by_step import StepByStep
from engine.program.threads import ThreadContext, ThreadTeam, single_thread, thread_count
from engine.regularizers import Regularizer

__all__ = ["Program"]


class Program(StepByStep):
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
        layout = Layout(network, capacity, members)
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
        shared = unit_parallel_operations(network, rows, members)
        self._code = kernel_table(network, layout, kernels, shared, dtype)
        self._memory = buffers(
            network,
            layout,
            loss=loss,
            task=task,
            dtype=dtype,
            capacity=capacity,
            optimizer=optimizer,
            is_trained=training,
            regularizers=regularizers,
            clipping=clipping,
            augmentation=augmentation,
        )

    @property
    def threads(self) -> int:
        """How many threads share the work."""
        return 1 if self._workers is None else self._workers.size

    @property
    def theta(self) -> NDArray[Any]:
        """The parameter vector, shape (parameters,)."""
        theta: NDArray[Any] = self._memory.theta
        return theta

    @property
    def gradient(self) -> NDArray[Any]:
        """The gradient dL/dtheta of the last mini-batch, with penalties, shape (parameters,)."""
        gradient: NDArray[Any] = self._memory.gradient
        return gradient

    @property
    def slots(self) -> NDArray[Any]:
        """The vectors that the optimizer remembers, shape (slots, parameters)."""
        slots: NDArray[Any] = self._memory.slots
        return slots

    @property
    def scalars(self) -> NDArray[np.float64]:
        """The single numbers that the optimizer remembers, in double precision."""
        scalars: NDArray[np.float64] = self._memory.scalars
        return scalars

    @property
    def state(self) -> NDArray[Any]:
        """The running statistics of all layers, shape (statistics,)."""
        state: NDArray[Any] = self._memory.state
        return state

    def changing(self) -> StateHistory:
        """The arrays that a run changes: no copies, so they change with it."""
        return StateHistory(self.theta, self.slots, self.scalars, self.state)

    def totals(self) -> NDArray[np.float64]:
        """Zeros for ``train`` and ``evaluate`` to add an epoch's sums to (see ``metrics.py``)."""
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

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the last operation in evaluation mode, shape (rows, outputs)."""
        outputs = np.empty((len(x), self.network.outputs), self.dtype)
        self._walk(
            lambda thread: loop.predict(self._code, self._memory, x, self.capacity, outputs, thread)
        )
        return outputs
