"""A trace: one mini-batch forward, backward, and through one update, with every number kept.

In the lecture's symbols, layer by layer: x, W, b, z = W x + b, h = phi(z); at the end y^ and L; on
the way back delta = dL/dz, dL/dW, dL/db; then theta after the update, with what the optimizer made
it of. A row of an array is a row of the mini-batch; W is (units, inputs). Other layers have the
same entries as far as they apply.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.layers import Operation
from engine.program.network import Network
from engine.program.program import Program

__all__ = ["LayerTrace", "Remembered", "Trace", "trace"]

Blocks = dict[str, NDArray[Any]]
"""Arrays by the names of a layer's blocks: "weight", "bias", "gamma", ..."""


@dataclass(frozen=True, eq=False)
class Remembered:
    """A vector of the optimizer's memory, before the update and after it."""

    before: Blocks
    after: Blocks


@dataclass(eq=False)
class LayerTrace:
    """What one layer did.

    ``gradients`` are of the mean loss alone; ``given`` is what the optimizer got, with penalties
    and after clipping. ``memory`` has an entry for each of its slots. ``z`` and ``delta`` are the
    numbers before an activation and dL/dz; a layer that has no activation has h only, and
    ``delta`` is dL/dh then.
    """

    name: str
    kind: str
    x: NDArray[Any]
    h: NDArray[Any]
    z: NDArray[Any] | None = None
    delta: NDArray[Any] | None = None
    parameters: Blocks = field(default_factory=dict)
    gradients: Blocks = field(default_factory=dict)
    given: Blocks = field(default_factory=dict)
    memory: dict[str, Remembered] = field(default_factory=dict)
    updated: Blocks = field(default_factory=dict)

    @property
    def change(self) -> Blocks:
        """By how much the update moved every parameter."""
        with np.errstate(invalid="ignore"):  # of what is not finite
            return {name: new - self.parameters[name] for name, new in self.updated.items()}


@dataclass(frozen=True, eq=False)
class Trace:
    """A whole step: ``prediction`` is y^, ``loss`` is the mean L, ``losses`` that of each row.

    ``scalars`` are the single numbers that the optimizer remembers, before the update and after.
    """

    layers: tuple[LayerTrace, ...]
    prediction: NDArray[Any]
    losses: NDArray[Any]
    loss: float
    learning_rate: float
    step: int
    scalars: tuple[NDArray[np.float64], NDArray[np.float64]]


def trace(
    program: Program,
    network: Network,
    x: NDArray[Any],
    targets: NDArray[Any],
    *,
    learning_rate: float,
    step: int,
    step_key: np.uint64,
    training: bool,
    memory: bool = True,
) -> Trace:
    """Carry out the update number ``step`` for the rows given, and tell everything about it.

    ``program`` has the parameters and the optimizer's memory to begin with, and is changed. With
    ``training`` the noise of dropout is at work as in training, otherwise it is not. Without
    ``memory`` the slots of the optimizer, which may be many times the network, are not kept.
    """
    before, scalars = _parts(network, program.theta), program.scalars.copy()
    slots = _memory(program, network) if memory else {}
    program.load(x, targets)
    program.forward(step_key, training=training)
    layers = _forward(program, network)
    losses = program.losses()
    loss = program.loss()
    for k, arrived, sent in program.deltas(step_key):
        _keep_delta(layers[network.nodes[k].layer], network.nodes[k].operation, arrived, sent)
    gradients = _parts(network, program.gradient)
    program.update(learning_rate, step)
    given, updated = _parts(network, program.gradient), _parts(network, program.theta)
    renewed = _memory(program, network) if memory else {}
    for name, parameters in before.items():
        layer = layers[name]
        layer.parameters, layer.gradients = parameters, gradients[name]
        layer.given, layer.updated = given[name], updated[name]
        layer.memory = {
            slot: Remembered(old[name], renewed[slot][name]) for slot, old in slots.items()
        }
    return Trace(
        tuple(layers.values()),
        program.prediction,
        losses,
        loss,
        learning_rate,
        step,
        (scalars, program.scalars.copy()),
    )


def _parts(network: Network, vector: NDArray[Any]) -> dict[str, Blocks]:
    """Copies of the parts of a vector as long as theta, by layer and by block."""
    parts: dict[str, Blocks] = {}
    for name, block in network.named(vector).items():
        layer, _, title = name.rpartition(".")
        parts.setdefault(layer, {})[title] = block.copy()
    return parts


def _memory(program: Program, network: Network) -> dict[str, dict[str, Blocks]]:
    """Copies of the parts of every vector that the optimizer remembers, by layer and by block."""
    return {
        name: _parts(network, slot)
        for name, slot in zip(program.slot_names, program.slots, strict=True)
    }


def _forward(program: Program, network: Network) -> dict[str, LayerTrace]:
    """A record of every layer with its inputs, its weighted sums z and its outputs."""
    kinds = {plan.name: plan.kind for plan in network.layers}
    layers: dict[str, LayerTrace] = {}
    for k, node in enumerate(network.nodes):
        if node.layer not in layers:
            given = program.inputs_of(k)
            layers[node.layer] = LayerTrace(node.layer, kinds[node.layer], given, given)
        layer = layers[node.layer]
        layer.h = program.outputs_of(k)
        if node.operation.activates:
            layer.z = program.inputs_of(k)
    return layers


def _keep_delta(
    layer: LayerTrace, operation: Operation, arrived: NDArray[Any], sent: NDArray[Any]
) -> None:
    """The first delta met on the way back is that of the layer's last operation."""
    if layer.delta is None:
        layer.delta = sent if operation.activates else arrived
