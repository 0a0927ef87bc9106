"""The fully connected layer."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le

from engine.activations import Activation, ReLU
from engine.initializers import Initializer
from engine.kernels import (
    Array,
    Number,
    jittable,
    matmul_nn,
    matmul_nt,
    matmul_tn,
    sum_rows,
    view,
    workspace,
)
from engine.layers.base import Layer, Operation, ParameterBlock

__all__ = ["Dense"]


@dataclass(frozen=True, kw_only=True)
class Dense(Layer):
    """Every unit sees every input: a weighted sum, a bias, an activation.

    In the code a row of ``x`` is h^(k-1), ``theta`` holds W (units, inputs) or b (units,), and
    ``dy`` arrives as dL/dh and becomes delta = dL/dz. Then dL/dW = delta^T x, dL/db is the sum of
    delta over the rows, and what goes back to the layer below is dL/dx = delta W.
    """

    __equation__ = r"h^{(k)} = \varphi\left(W^{(k)} h^{(k-1)} + b^{(k)}\right)"
    kind: Literal["dense"] = "dense"
    units: Annotated[int, Ge(1), Le(1_000_000)]
    """The number of neurons."""
    activation: Activation = ReLU()
    """The function phi applied to every weighted sum."""
    initializer: Initializer | None = None
    """Where the weights start; by default what suits the activation (He for ReLUs)."""
    use_bias: bool = True
    """Whether every unit has a bias."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        forward, backward = self.activation.kernels()
        return (
            Operation(
                forward=weighted_sum,
                backward=weighted_sum_backward,
                gradient=weighted_sum_gradient,
                unit_kernels=(weighted_sum_of_units, weighted_sum_to_inputs),
                outputs=self.units,
                workspace=workspace(self.units, inputs),
                block=ParameterBlock(
                    name="weight",
                    shape=(self.units, inputs),
                    initializer=self.initializer or self.activation.initializer,
                ),
            ),
            Operation(
                forward=forward,
                backward=backward,
                gradient=sum_rows if self.use_bias else None,
                outputs=self.units,
                block=ParameterBlock(name="bias", shape=(self.units,)) if self.use_bias else None,
                constants=self.activation.constants(),
                in_place=True,
                activates=True,
            ),
        )


def weighted_sum(x: Array, y: Array, theta: Array, scratch: Array) -> None:
    """Weighted sums of all rows at once: y = x W^T."""
    weighted_sum_of_units(x, y, theta, scratch, 0, y.shape[1])


def weighted_sum_backward(dy: Array, dx: Array, theta: Array, scratch: Array) -> None:
    """What goes back: dL/dx = delta W."""
    if dx.size:
        weighted_sum_to_inputs(dy, dx, theta, scratch, 0, dx.shape[1])


@jittable
def weighted_sum_of_units(
    x: Array, y: Array, theta: Array, scratch: Array, start: Number, stop: Number
) -> None:
    """The weighted sums of some units: columns of y = x W^T."""
    weight = view(theta, 0, y.shape[1], x.shape[1])
    matmul_nt(x, weight, y, scratch, start, stop)


@jittable
def weighted_sum_to_inputs(
    dy: Array, dx: Array, theta: Array, scratch: Array, start: Number, stop: Number
) -> None:
    """What goes back to some inputs: columns of dL/dx = delta W."""
    matmul_nn(dy, view(theta, 0, dy.shape[1], dx.shape[1]), dx, scratch, start, stop)


def weighted_sum_gradient(
    x: Array, dy: Array, gradient: Array, scratch: Array, start: Number, stop: Number
) -> None:
    """The gradient: dL/dW = delta^T x."""
    matmul_tn(dy, x, view(gradient, 0, dy.shape[1], x.shape[1]), scratch, start, stop)
