"""A program: a network compiled for one precision, with the memory it needs to run.

All buffers are allocated once, here. What follows is walking: ``train`` carries out a run of
mini-batches, ``evaluate`` and ``predict`` the forward pass alone; none of them allocates.

``capacity`` is the number of rows that fit at a time, ``batch_size`` (not more than that) the
number of rows of a mini-batch. The activations of every operation lie one after another in
``activations``; the two rows of ``deltas`` take turns as dL/dy and dL/dx on the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.clipping import Clipping
from engine.kernels import Array, Number, call, compiled, pointers, random_bits
from engine.losses import Loss, TaskKind
from engine.metrics import LOSS, ROWS, tally_kernel, tally_size
from engine.network import Network
from engine.optimizers import SGD, Optimizer
from engine.regularizers import Regularizer

__all__ = ["Program"]

LAYOUT = np.dtype(
    [
        (name, np.int64)
        for name in (
            *("x", "inputs", "y", "outputs", "theta", "theta_end", "state", "state_end"),
            *("scratch", "scratch_end", "constants", "constants_end", "in_place"),
        )
    ]
)
"""One operation: where its inputs, outputs and numbers lie (offsets), and how wide rows are."""


class Code(NamedTuple):
    """What is walked: the operations' layout and kernels, and those of everything around them."""

    layout: Any
    first: int
    forward: Any
    backward: Any
    loss: Any
    tally: Any
    adjust: Any
    update: Any
    project: Any


class Memory(NamedTuple):
    """What is walked over; see ``kernels.py`` for what each array is to a kernel."""

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
    constants: Any
    loss_constants: Any
    adjust_constants: Any
    update_constants: Any
    project_constants: Any
    blocks: Any


class Program:
    """A network that can be run: ``theta``, ``slots`` and ``state`` are what a run changes."""

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
    ) -> None:
        self.network, self.task, self.dtype = network, task, dtype
        self.capacity, self.batch_size = capacity, batch_size
        training = optimizer is not None
        optimizer = optimizer or SGD()
        operations = [step.operation for step in network.steps]
        layout = _layout(network, capacity)
        adjust = [(kernel, r.constants()) for r in regularizers if (kernel := r.adjust())]
        if clipping is not None:
            adjust.append((clipping.kernel(), clipping.constants()))
        project = [(kernel, r.constants()) for r in regularizers if (kernel := r.project())]
        self._code = Code(
            layout=layout,
            first=next(k for k, o in enumerate(operations) if o.block is not None),
            forward=pointers("forward", dtype, [o.forward for o in operations]),
            backward=pointers("backward", dtype, [o.backward for o in operations]),
            loss=pointers("loss", dtype, [loss.kernel(task)]),
            tally=pointers("tally", dtype, [tally_kernel(task)]),
            adjust=pointers("adjust", dtype, [kernel for kernel, _ in adjust]),
            update=pointers("update", dtype, [optimizer.kernel()]),
            project=pointers("project", dtype, [kernel for kernel, _ in project]),
        )
        widest = max(network.inputs, *(o.outputs for o in operations))
        trained = network.parameters if training else 0
        self._memory = Memory(
            theta=np.zeros(network.parameters, dtype),
            gradient=np.zeros(trained, dtype),
            slots=np.zeros((len(optimizer.slots()), trained), dtype),
            scalars=np.zeros(optimizer.scalars(), np.float64),
            state=np.zeros(network.state, dtype),
            activations=np.zeros(_activations(network) * capacity, dtype),
            deltas=np.zeros((2, widest * capacity), dtype),
            scratch=np.zeros(int(layout["scratch_end"].max()), dtype),
            prediction=np.zeros((capacity, network.outputs), dtype),
            target=np.zeros((capacity, network.outputs if task == "regression" else 1), dtype),
            weight=np.ones(capacity, dtype),
            constants=np.array([c for o in operations for c in o.constants], dtype),
            loss_constants=np.array(loss.constants(), dtype),
            adjust_constants=_rows([constants for _, constants in adjust], dtype),
            update_constants=np.array(optimizer.constants(), dtype),
            project_constants=_rows([constants for _, constants in project], dtype),
            blocks=np.array(
                [(place.start, place.stop, place.block.shape[-1]) for place in network.weights],
                dtype=np.int64,
            ).reshape(-1, 3),
        )

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

    def totals(self) -> NDArray[np.float64]:
        """Fresh sums for ``train`` and ``evaluate`` to add to (see ``metrics.py``)."""
        return np.zeros(tally_size(self.task, self.network.outputs))

    def train(
        self,
        x: NDArray[Any],
        targets: NDArray[Any],
        order: NDArray[np.int64],
        *,
        position: int,
        step: int,
        rates: NDArray[np.float64],
        noise: np.uint64,
        totals: NDArray[np.float64],
    ) -> int:
        """Carry out ``len(rates)`` steps, and return how many were carried out.

        ``order`` is the epoch's shuffled row numbers, ``position`` the number of mini-batches of
        it that are done, ``step`` the number of updates so far in the run. Fewer steps than asked
        for means that the loss of the next one is not finite: theta is as it was before it.
        """
        done: int = _train(
            self._code,
            self._memory,
            x,
            targets,
            order,
            self.batch_size,
            position,
            step,
            rates,
            noise,
            totals,
        )
        return done

    def evaluate(self, x: NDArray[Any], targets: NDArray[Any], totals: NDArray[np.float64]) -> None:
        """Add loss and tally over all rows, without noise and without learning."""
        _evaluate(self._code, self._memory, x, targets, self.capacity, totals)

    def gradients(self, x: NDArray[Any], targets: NDArray[Any], noise: np.uint64) -> float:
        """Fill ``gradient`` for one mini-batch as a training step would; return the mean loss."""
        rows = len(x)
        self._memory.target[:rows] = targets
        _load(self._memory, x)
        total: float = _gradients(self._code, self._memory, rows, noise)
        return total / rows

    def predict(self, x: NDArray[Any]) -> NDArray[Any]:
        """The outputs of the last operation for every row, in evaluation mode."""
        outputs = np.empty((len(x), self.network.outputs), self.dtype)
        _predict(self._code, self._memory, x, self.capacity, outputs)
        return outputs


def _activations(network: Network) -> int:
    return network.inputs + sum(step.operation.outputs for step in network.steps)


def _rows(rows: Sequence[tuple[float, ...]], dtype: np.dtype[Any]) -> NDArray[Any]:
    width = max((len(row) for row in rows), default=0)
    return np.array([(*row, *(0.0,) * (width - len(row))) for row in rows], dtype).reshape(
        len(rows), width
    )


def _layout(network: Network, capacity: int) -> NDArray[Any]:
    layout = np.zeros(len(network.steps), LAYOUT)
    x = state = scratch = constants = 0
    for record, step in zip(layout, network.steps, strict=True):
        operation = step.operation
        y = x + capacity * step.inputs
        record["x"], record["inputs"] = x, step.inputs
        record["y"], record["outputs"] = y, operation.outputs
        record["theta"], record["theta_end"] = step.start, step.stop
        record["state"], record["state_end"] = state, state + operation.state_size
        record["scratch"] = scratch
        record["scratch_end"] = scratch + operation.scratch + capacity * operation.row_scratch
        record["constants"], record["constants_end"] = (
            constants,
            constants + len(operation.constants),
        )
        record["in_place"] = operation.in_place
        x, state, scratch = y, int(record["state_end"]), int(record["scratch_end"])
        constants = int(record["constants_end"])
    return layout


@compiled
def _view(buffer: Array, start: Number, rows: Number, width: Number) -> Array:
    """A matrix over a part of a flat buffer."""
    return buffer[start : start + rows * width].reshape((rows, width))


@compiled
def _load(memory: Memory, x: Array) -> None:
    inputs = _view(memory.activations, 0, x.shape[0], x.shape[1])
    inputs[:] = x


@compiled
def _forward(code: Code, memory: Memory, rows: Number, noise: Number, training: Number) -> None:
    """Feedforward: every operation in order, from the rows loaded into ``activations``."""
    for k in range(len(code.layout)):
        op = code.layout[k]
        call(
            "forward",
            code.forward[k],
            _view(memory.activations, op["x"], rows, op["inputs"]),
            _view(memory.activations, op["y"], rows, op["outputs"]),
            memory.theta[op["theta"] : op["theta_end"]],
            memory.state[op["state"] : op["state_end"]],
            memory.scratch[op["scratch"] : op["scratch_end"]],
            memory.constants[op["constants"] : op["constants_end"]],
            random_bits(noise, np.uint64(k)),
            training,
        )


@compiled
def _backward(code: Code, memory: Memory, rows: Number, noise: Number) -> None:
    """Backpropagation: every operation in turn, from dL/dz of the output in ``deltas[0]``.

    It ends at the first operation with parameters: nobody asks for dL/dx of the data.
    """
    at = 0
    for k in range(len(code.layout) - 1, code.first - 1, -1):
        op = code.layout[k]
        dy = _view(memory.deltas[at], 0, rows, op["outputs"])
        dx = _view(memory.deltas[1 - at], 0, rows if k > code.first else 0, op["inputs"])
        call(
            "backward",
            code.backward[k],
            _view(memory.activations, op["x"], rows, op["inputs"]),
            _view(memory.activations, op["y"], rows, op["outputs"]),
            dy,
            dx,
            memory.theta[op["theta"] : op["theta_end"]],
            memory.gradient[op["theta"] : op["theta_end"]],
            memory.state[op["state"] : op["state_end"]],
            memory.scratch[op["scratch"] : op["scratch_end"]],
            memory.constants[op["constants"] : op["constants_end"]],
            random_bits(noise, np.uint64(k)),
        )
        if not op["in_place"]:
            at = 1 - at


@compiled
def _loss(code: Code, memory: Memory, rows: Number) -> float:
    last = code.layout[len(code.layout) - 1]
    total: float = call(
        "loss",
        code.loss[0],
        _view(memory.activations, last["y"], rows, last["outputs"]),
        memory.target[:rows],
        memory.weight[:rows],
        memory.prediction[:rows],
        _view(memory.deltas[0], 0, rows, last["outputs"]),
        memory.loss_constants,
    )
    return total


@compiled
def _adjust(code: Code, memory: Memory) -> None:
    """What regularizers add to the gradient, then clipping."""
    for k in range(len(code.adjust)):
        constants = memory.adjust_constants[k]
        call("adjust", code.adjust[k], memory.theta, memory.gradient, memory.blocks, constants)


@compiled
def _update(code: Code, memory: Memory, rate: Number, step: Number) -> None:
    """The optimizer's step, then what constrains the weights."""
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
        memory.update_constants,
    )
    for k in range(len(code.project)):
        constants = memory.project_constants[k]
        call("project", code.project[k], memory.theta, memory.blocks, rate, constants)


@compiled
def _gradients(code: Code, memory: Memory, rows: Number, noise: Number) -> float:
    """Loss and gradient of the mini-batch that is loaded."""
    _forward(code, memory, rows, noise, True)
    total: float = _loss(code, memory, rows)
    _backward(code, memory, rows, noise)
    _adjust(code, memory)
    return total


@compiled
def _gather(
    memory: Memory, x: Array, targets: Array, order: Array, start: Number, rows: Number
) -> None:
    inputs = _view(memory.activations, 0, rows, x.shape[1])
    for i in range(rows):
        row = order[start + i]
        for j in range(x.shape[1]):
            inputs[i, j] = x[row, j]
        for j in range(targets.shape[1]):
            memory.target[i, j] = targets[row, j]


@compiled
def _train(
    code: Code,
    memory: Memory,
    x: Array,
    targets: Array,
    order: Array,
    batch_size: Number,
    position: Number,
    step: Number,
    rates: Array,
    noise: Number,
    totals: Array,
) -> int:
    """Algorithm 1: take a mini-batch, its mean gradient, one update; again."""
    for done in range(rates.size):
        start = (position + done) * batch_size
        rows = min(batch_size, order.size - start)
        _gather(memory, x, targets, order, start, rows)
        now = step + done + 1
        draw = random_bits(noise, np.uint64(now))
        _forward(code, memory, rows, draw, True)
        total = _loss(code, memory, rows)
        if not np.isfinite(total):
            return done
        totals[LOSS] += total
        totals[ROWS] += rows
        call("tally", code.tally[0], memory.prediction[:rows], memory.target[:rows], totals)
        _backward(code, memory, rows, draw)
        _adjust(code, memory)
        _update(code, memory, rates[done], now)
    return int(rates.size)


@compiled
def _evaluate(
    code: Code, memory: Memory, x: Array, targets: Array, capacity: Number, totals: Array
) -> None:
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        _load(memory, x[start : start + rows])
        memory.target[:rows] = targets[start : start + rows]
        _forward(code, memory, rows, np.uint64(0), False)
        totals[LOSS] += _loss(code, memory, rows)
        totals[ROWS] += rows
        call("tally", code.tally[0], memory.prediction[:rows], memory.target[:rows], totals)


@compiled
def _predict(code: Code, memory: Memory, x: Array, capacity: Number, outputs: Array) -> None:
    last = code.layout[len(code.layout) - 1]
    for start in range(0, x.shape[0], capacity):
        rows = min(capacity, x.shape[0] - start)
        _load(memory, x[start : start + rows])
        _forward(code, memory, rows, np.uint64(0), False)
        outputs[start : start + rows] = _view(memory.activations, last["y"], rows, last["outputs"])
