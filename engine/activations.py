"""Activations: phi and its derivative phi' side by side.

An elementwise activation writes two scalar functions::

    phi(z, alpha)             h = phi(z)
    derivative(z, h, alpha)   phi'(z), given z and h so that the cheaper one can be used

and the kernels that add the bias, apply phi, and go back, are made from them. Softmax looks at a
whole row, so it brings its own kernels.
"""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Gt, Lt

from engine.initializers import Glorot, He, Initializer
from engine.kernels import Array, Kernel, Number, add_bias, inlined, like, sum_rows
from engine.spec import Spec

__all__ = [
    "ELU",
    "Activation",
    "LeakyReLU",
    "Linear",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
]


@dataclass(frozen=True, kw_only=True)
class Activation(Spec, family="activation"):
    """The function applied to a neuron's weighted sum."""

    initializer: ClassVar[Initializer] = Glorot()
    """What a layer with this activation draws its weights from, unless told otherwise."""

    def constants(self) -> tuple[float, ...]:
        """What the kernels get as ``alpha``."""
        return (0.0,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        """The activation of one weighted sum."""
        raise NotImplementedError

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        """Its derivative at z, where h = phi(z)."""
        raise NotImplementedError

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        """The forward and the backward kernel."""
        return _elementwise(cls.phi, cls.derivative)


@cache
def _elementwise(phi: Kernel, derivative: Kernel) -> tuple[Kernel, Kernel]:
    """Make h = phi(x + b) and delta = dy * phi'(z), db = the sum of delta over the rows."""
    phi, derivative = inlined(phi), inlined(derivative)

    def forward(
        x: Array,
        y: Array,
        theta: Array,
        state: Array,
        scratch: Array,
        constants: Array,
        draw: Number,
        training: Number,
    ) -> None:
        rows, units = x.shape
        alpha = constants[0]
        add_bias(x, theta)
        for i in range(rows):
            for j in range(units):
                y[i, j] = phi(x[i, j], alpha)

    def backward(
        x: Array,
        y: Array,
        dy: Array,
        dx: Array,
        theta: Array,
        gradient: Array,
        state: Array,
        scratch: Array,
        constants: Array,
        draw: Number,
    ) -> None:
        rows, units = x.shape
        alpha = constants[0]
        for i in range(rows):
            for j in range(units):
                dy[i, j] *= derivative(x[i, j], y[i, j], alpha)
        sum_rows(dy, gradient)

    return forward, backward


@dataclass(frozen=True, kw_only=True)
class Linear(Activation):
    """The identity: the weighted sum itself."""

    __equation__ = r"\varphi(z) = z"
    kind: Literal["linear"] = "linear"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0)


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Activation):
    """The logistic function, from 0 to 1."""

    __equation__ = r"\varphi(z) = \frac{1}{1 + e^{-z}}"
    kind: Literal["sigmoid"] = "sigmoid"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        one = like(z, 1.0)
        e = np.exp(-abs(z))
        return (one if z >= 0 else e) / (one + e)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return h * (like(z, 1.0) - h)


@dataclass(frozen=True, kw_only=True)
class Tanh(Activation):
    """The hyperbolic tangent, from -1 to 1."""

    __equation__ = r"\varphi(z) = \tanh z"
    kind: Literal["tanh"] = "tanh"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return np.tanh(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) - h * h


@dataclass(frozen=True, kw_only=True)
class ReLU(Activation):
    """The rectified linear unit; its derivative at 0 is taken as 0.

    Source: Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
    """

    __equation__ = r"\varphi(z) = \max(0, z)"
    initializer = He()
    kind: Literal["relu"] = "relu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z if z > 0 else like(z, 0.0)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z > 0 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class LeakyReLU(Activation):
    """ReLU with a small slope for negative sums, so that no unit is ever switched off.

    Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models",
    2013.
    """

    __equation__ = r"\varphi(z) = z \text{ if } z > 0 \text{ else } \alpha z"
    initializer = He()
    kind: Literal["leaky_relu"] = "leaky_relu"
    alpha: Annotated[float, Gt(0), Lt(1)] = 0.1
    """The slope for negative sums."""

    def constants(self) -> tuple[float, ...]:
        return (self.alpha,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z if z > 0 else alpha * z

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z > 0 else alpha


@dataclass(frozen=True, kw_only=True)
class ELU(Activation):
    """The exponential linear unit: smooth, and bounded below by -alpha.

    Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by
    exponential linear units", 2016.
    """

    __equation__ = r"\varphi(z) = z \text{ if } z > 0 \text{ else } \alpha (e^z - 1)"
    initializer = He()
    kind: Literal["elu"] = "elu"
    alpha: Annotated[float, Gt(0)] = 1.0
    """The value approached for very negative sums, with its sign turned."""

    def constants(self) -> tuple[float, ...]:
        return (self.alpha,)

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z if z > 0 else alpha * np.expm1(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z > 0 else h + alpha


@dataclass(frozen=True, kw_only=True)
class Softmax(Activation):
    """A row of positive numbers that sum to 1; as an output, the probability of each class."""

    __equation__ = r"\varphi(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"
    kind: Literal["softmax"] = "softmax"

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        return _softmax_forward, _softmax_backward


@inlined
def softmax_rows(z: Array, y: Array) -> None:
    """Each row y = softmax(z); its maximum is taken off first, so that nothing overflows."""
    rows, units = z.shape
    for i in range(rows):
        top = z[i, 0]
        for j in range(1, units):
            top = max(top, z[i, j])
        total = top - top
        for j in range(units):
            y[i, j] = np.exp(z[i, j] - top)
            total += y[i, j]
        for j in range(units):
            y[i, j] /= total


def _softmax_forward(
    x: Array,
    y: Array,
    theta: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    draw: Number,
    training: Number,
) -> None:
    add_bias(x, theta)
    softmax_rows(x, y)


def _softmax_backward(
    x: Array,
    y: Array,
    dy: Array,
    dx: Array,
    theta: Array,
    gradient: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    draw: Number,
) -> None:
    """dz_j = y_j (dy_j - sum_k dy_k y_k)."""
    rows, units = x.shape
    for i in range(rows):
        common = dy[i, 0] - dy[i, 0]
        for j in range(units):
            common += dy[i, j] * y[i, j]
        for j in range(units):
            dy[i, j] = y[i, j] * (dy[i, j] - common)
    sum_rows(dy, gradient)
