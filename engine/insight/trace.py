"""A trace: one mini-batch forward, backward, and through one update, with every number kept.

In the lecture's symbols, layer by layer: x, W, b, z = W x + b, h = phi(z); at the end y^ and L; on
the way back delta = dL/dz, dL/dW, dL/db; then theta after the update. A row of an array is a row
of the mini-batch; W is (units, inputs). Other layers have the same entries as far as they apply.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.layers import Operation
from engine.network import Network
from engine.program import Program

__all__ = ["LayerTrace", "Trace", "trace"]


@dataclass(eq=False)
class LayerTrace:
    """What one layer did.

    ``parameters``, ``gradients`` (of the loss alone, without penalties and clipping) and
    ``updated`` have an entry for each block ("weight", "bias", "gamma", ...). ``z`` and ``delta``
    are the numbers before an activation and dL/dz; a layer that has no activation has h only, and
    ``delta`` is dL/dh then.
    """

    name: str
    kind: str
    x: NDArray[Any]
    h: NDArray[Any]
    z: NDArray[Any] | None = None
    delta: NDArray[Any] | None = None
    parameters: dict[str, NDArray[Any]] = field(default_factory=dict)
    gradients: dict[str, NDArray[Any]] = field(default_factory=dict)
    updated: dict[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Trace:
    """A whole step: ``prediction`` is y^, ``loss`` is the mean L, ``losses`` that of each row."""

    layers: tuple[LayerTrace, ...]
    prediction: NDArray[Any]
    losses: NDArray[Any]
    loss: float
    learning_rate: float
    step: int


def trace(
    program: Program,
    network: Network,
    x: NDArray[Any],
    targets: NDArray[Any],
    *,
    learning_rate: float,
    step: int,
    noise: np.uint64,
    training: bool,
) -> Trace:
    """Carry out the update number ``step`` for the rows given, and tell everything about it.

    ``program`` has the parameters and the optimizer's memory to begin with, and is changed. With
    ``training`` the noise of dropout is at work as in training, otherwise it is not.
    """
    before = {name: block.copy() for name, block in network.named(program.theta).items()}
    program.load(x, targets)
    program.forward(noise, training=training)
    layers = _forward(program, network)
    losses = program.losses()
    loss = program.loss()
    for k, arrived, sent in program.deltas(noise):
        _keep_delta(layers[network.steps[k].layer], network.steps[k].operation, arrived, sent)
    gradients = {name: block.copy() for name, block in network.named(program.gradient).items()}
    program.update(learning_rate, step)
    updated = {name: block.copy() for name, block in network.named(program.theta).items()}
    for name, parameters in before.items():
        title, _, block = name.rpartition(".")
        layer = layers[title]
        layer.parameters[block] = parameters
        layer.gradients[block] = gradients[name]
        layer.updated[block] = updated[name]
    return Trace(tuple(layers.values()), program.prediction, losses, loss, learning_rate, step)


def _forward(program: Program, network: Network) -> dict[str, LayerTrace]:
    """Every layer with what it was given, its z, and what it gave."""
    kinds = {plan.name: plan.kind for plan in network.layers}
    layers: dict[str, LayerTrace] = {}
    for k, step in enumerate(network.steps):
        if step.layer not in layers:
            given = program.inputs_of(k)
            layers[step.layer] = LayerTrace(step.layer, kinds[step.layer], given, given)
        layer = layers[step.layer]
        layer.h = program.outputs_of(k)
        if step.operation.activates:
            layer.z = program.inputs_of(k)
    return layers


def _keep_delta(
    layer: LayerTrace, operation: Operation, arrived: NDArray[Any], sent: NDArray[Any]
) -> None:
    """The first delta met on the way back is that of the layer's last operation."""
    if layer.delta is None:
        layer.delta = sent if operation.activates else arrived
