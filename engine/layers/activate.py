"""An activation as a layer of its own, for networks that put something before it."""

from dataclasses import dataclass
from typing import Literal

from engine.activations import Activation, ReLU, Softmax
from engine.layers.base import Layer, Operation

__all__ = ["Activate"]


@dataclass(frozen=True, kw_only=True)
class Activate(Layer):
    """Applies an activation to every number, as after a dense layer and a batch normalization."""

    __equation__ = r"y = \varphi(x)"
    kind: Literal["activation"] = "activation"
    activation: Activation = ReLU()
    """The function phi."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        forward, backward = self.activation.kernels()
        return (
            Operation(
                forward=forward,
                backward=backward,
                outputs=inputs,
                constants=self.activation.constants(),
                in_place=True,
                activates=True,
                mixes_features=isinstance(self.activation, Softmax),
            ),
        )
