"""What an activation is: two scalar functions, from which its kernels are made."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from engine.initializers import Glorot, Initializer
from engine.kernels import Array, Kernel, Number, add_bias, jittable
from engine.spec import Spec

__all__ = ["Activation"]


@dataclass(frozen=True, kw_only=True)
class Activation(Spec, family="activation"):
    """The function applied to a neuron's weighted sum."""

    initializer: ClassVar[Initializer] = Glorot()
    """What a layer with this activation draws its weights from, unless told otherwise."""
    differentiable: ClassVar[bool] = True
    """Whether backpropagation can pass through it."""

    def constants(self) -> tuple[float, ...]:
        """The numbers that the kernels get as ``alpha``."""
        return (0.0,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        """The activation h of one weighted sum z."""
        raise NotImplementedError

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        """The slope of phi at z, where phi has the value h."""
        raise NotImplementedError

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        """The forward and the backward kernel of the activation (see ``kernels.py``)."""
        return _elementwise(cls.phi, cls.derivative)


@cache
def _elementwise(phi: Kernel, derivative: Kernel) -> tuple[Kernel, Kernel]:
    """Make two kernels of phi and phi': h = phi(x + b) forward, delta = dy * phi'(z) backward."""
    phi, derivative = jittable(phi), jittable(derivative)

    def forward(x: Array, y: Array, theta: Array, constants: Array) -> None:
        rows, units = x.shape
        alpha = constants[0]
        add_bias(x, theta)
        for i in range(rows):
            for j in range(units):
                y[i, j] = phi(x[i, j], alpha)

    def backward(x: Array, y: Array, dy: Array, constants: Array) -> None:
        rows, units = x.shape
        alpha = constants[0]
        for i in range(rows):
            for j in range(units):
                dy[i, j] *= derivative(x[i, j], y[i, j], alpha)

    return forward, backward
