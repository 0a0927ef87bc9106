"""A mini-batch carried out step by step, so that everything in between can be inspected.

Traces, gradient checks and diagnostics need what the compiled loop overwrites. They run the same
compiled functions one at a time, in one thread, and copy what each of them leaves behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.program import loop, passes, updates
from engine.program.memory import Buffers, KernelTable
from engine.program.network import Network
from engine.program.threads import ThreadContext

__all__ = ["StepByStep"]


class StepByStep:
    """The steps of one update: load, augment, forward, loss, deltas, update; in this order.

    Operations are numbered by k, from 0, as ``network.nodes`` are.
    """

    network: Network
    _code: KernelTable
    _memory: Buffers
    _alone: ThreadContext
    _rows: int

    def augment(self, step_key: np.uint64) -> tuple[NDArray[Any], NDArray[Any]]:
        """Augment the loaded rows as a training step would; returns copies of rows and targets."""
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
        """Load one mini-batch, which the other methods then carry out step by step."""
        self._rows = len(x)
        if targets is not None:
            self._memory.target[: self._rows] = targets
        self._memory.weight[:] = 1
        passes.load(self._memory, x, 0, self._rows)

    def forward(self, step_key: np.uint64, *, training: bool) -> None:
        """Feed the loaded rows forward."""
        passes.forward(self._code, self._memory, self._rows, step_key, training, self._alone)

    def loss(self) -> float:
        """The mean loss of the loaded rows; leaves dL/dz of the output for ``deltas``."""
        return float(self.losses().sum()) / self._rows

    def losses(self) -> NDArray[np.float64]:
        """The loss of each loaded row, shape (rows,), in double precision."""
        passes.loss(self._code, self._memory, 0, self._rows, self._rows)
        losses: NDArray[np.float64] = self._memory.losses[: self._rows].copy()
        return losses

    @property
    def prediction(self) -> NDArray[Any]:
        """A copy of the predictions for the loaded rows, shape (rows, outputs)."""
        return np.array(self._memory.prediction[: self._rows])

    def inputs_of(self, k: int) -> NDArray[Any]:
        """A copy of the inputs of operation k; z = x + b after an operation with a bias."""
        op = self._code.layout[k]
        return self._activations(op["x"], op["inputs"])

    def outputs_of(self, k: int) -> NDArray[Any]:
        """A copy of the outputs of operation k, shape (rows, outputs of k)."""
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
            passes.step_back(self._code, self._memory, rows, 0, rows, step_key, k, self._alone)
            is_computed = k > first or self.network.nodes[k].operation.in_place
            yield k, arrived, self._delta(op["dx"], self._rows if is_computed else 0, op["inputs"])
        passes.differentiate(self._code, self._memory, self._rows, self._alone)

    def _delta(self, start: int, rows: int, width: int) -> NDArray[Any]:
        return np.array(self._memory.deltas[start : start + rows * width]).reshape(rows, width)

    def update(self, rate: float, step: int) -> None:
        """Regularize and clip the gradient, then take the optimizer's step; steps count from 1."""
        updates.transform_gradient(self._code, self._memory)
        updates.update(self._code, self._memory, rate, step, self._alone)
