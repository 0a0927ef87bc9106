"""A network: specs in, the layout of one flat parameter vector out. Arithmetic only.

Nothing is allocated here, so a network of any size can be planned, and refused, for free.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from annotated_types import MaxLen
from numpy.typing import NDArray

from engine.activations import Activation
from engine.layers import Dense, Layer, Operation, ParameterBlock
from engine.randomness import Purpose, stream
from engine.spec import Spec

__all__ = ["LayerPlan", "Network", "NetworkSpec", "Node", "ParameterSlice"]


@dataclass(frozen=True, kw_only=True)
class NetworkSpec(Spec):
    """The hidden layers; the output layer follows from the task.

    No hidden layer at all is the perceptron: linear regression or logistic regression.
    """

    layers: Annotated[list[Layer], MaxLen(200)] = field(default_factory=list)
    """The layers between the inputs and the output layer, in order."""
    output_activation: Activation | None = None
    """The activation of the output layer; by default what the task calls for: linear for numbers,
    sigmoid for two classes, softmax for more."""


@dataclass(frozen=True, kw_only=True)
class ParameterSlice:
    """The slice theta[start:stop] of the parameter vector that holds a block, row by row."""

    name: str
    block: ParameterBlock
    start: int
    stop: int

    def view(self, theta: NDArray[Any]) -> NDArray[Any]:
        """The block as an array of its own shape, without a copy."""
        return theta[self.start : self.stop].reshape(self.block.shape)


@dataclass(frozen=True, kw_only=True)
class Node:
    """An operation with its layer's name, its width before, and its slice of the parameters."""

    layer: str
    operation: Operation
    inputs: int
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class LayerPlan:
    """The summary of one layer: its name, kind, output shape and number of parameters."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


class Network:
    """The layout of a network: its operations in order, and the names of its parameters.

    Layers are named "layers.0", "layers.1", ... as in the spec, and "output". ``places`` says where
    each block is among the ``parameters``, ``statistics`` where each running statistic is among
    the ``state`` numbers that the layers keep.
    """

    def __init__(
        self, spec: NetworkSpec, inputs: int, outputs: int, output_activation: Activation
    ) -> None:
        self.spec, self.inputs, self.outputs = spec, inputs, outputs
        layers = [(f"layers.{i}", layer) for i, layer in enumerate(spec.layers)]
        layers.append(("output", Dense(units=outputs, activation=output_activation)))
        self.nodes: tuple[Node, ...] = ()
        self.places: dict[str, ParameterSlice] = {}
        self.statistics: dict[str, slice] = {}
        self.layers: tuple[LayerPlan, ...] = ()
        self.parameters = self.state = 0
        for name, layer in layers:
            self._append(name, layer)

    def _append(self, name: str, layer: Layer) -> None:
        before, width = self.parameters, self.width
        for operation in layer.operations(width):
            start = self.parameters
            if operation.block is not None:
                self.parameters += operation.block.size
                title = f"{name}.{operation.block.name}"
                self.places[title] = ParameterSlice(
                    name=title, block=operation.block, start=start, stop=self.parameters
                )
            for statistic in operation.state:
                stop = self.state + statistic.size
                self.statistics[f"{name}.{statistic.name}"] = slice(self.state, stop)
                self.state = stop
            node = Node(
                layer=name,
                operation=operation,
                inputs=self.width,
                start=start,
                stop=self.parameters,
            )
            self.nodes += (node,)
        self.layers += (
            LayerPlan(
                name=name,
                kind=layer.kind_name(),
                output_shape=(self.width,),
                parameters=self.parameters - before,
            ),
        )

    @property
    def width(self) -> int:
        """The numbers that a row has after the last operation so far."""
        return self.nodes[-1].operation.outputs if self.nodes else self.inputs

    @property
    def weights(self) -> tuple[ParameterSlice, ...]:
        """The blocks that regularization concerns."""
        return tuple(p for p in self.places.values() if p.block.initializer is not None)

    def row_buffers(self) -> int:
        """Numbers of working memory per row of a mini-batch, forward and backward."""
        widths = [self.inputs, *(node.operation.outputs for node in self.nodes)]
        scratch = sum(node.operation.row_scratch for node in self.nodes)
        deltas = sum(node.inputs for node in self.nodes if not node.operation.in_place)
        return sum(widths) + scratch + deltas + 2 * self.outputs

    def initialize(self, seed: int, dtype: np.dtype[Any]) -> NDArray[Any]:
        """A fresh parameter vector: every block from its own stream, so blocks do not interact."""
        theta = np.empty(self.parameters, dtype=dtype)
        for index, place in enumerate(self.places.values()):
            if place.block.initializer is None:
                place.view(theta)[:] = place.block.start
            else:
                fan_out, fan_in = place.block.shape
                generator = stream(seed, Purpose.INITIALIZE, index)
                place.view(theta)[:] = place.block.initializer.draw(generator, fan_out, fan_in)
        return theta

    def initial_state(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        """The running statistics before the first mini-batch."""
        kept = [each for node in self.nodes for each in node.operation.state]
        return np.concatenate(
            [np.full(each.size, each.start, dtype) for each in kept] or [np.zeros(0, dtype)]
        )

    def named(self, theta: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The parameter vector block by block, as views."""
        return {name: place.view(theta) for name, place in self.places.items()}

    def named_state(self, state: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The running statistics one by one, as views."""
        return {name: state[where] for name, where in self.statistics.items()}

    def first_layer_not_finite(self, theta: NDArray[Any]) -> str | None:
        """The first layer with a parameter that is infinite or not a number."""
        for node in self.nodes:
            if not np.isfinite(theta[node.start : node.stop]).all():
                return node.layer
        return None
