"""The traditional activations, and what outputs are read through."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.activations.base import Activation
from engine.activations.numbers import logistic
from engine.kernels import Array, Kernel, Number, add_bias, hyperbolic_tangent, like, put

__all__ = ["ExponentialFunction", "Linear", "Sigmoid", "Softsign", "StepFunction", "Tanh"]


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

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        return _linear_forward, _linear_backward


def _linear_forward(x: Array, y: Array, theta: Array) -> None:
    add_bias(x, theta)
    put(y, x)


def _linear_backward() -> None:
    """Leave delta as it is: the derivative of the identity is 1, so delta = dy."""


@dataclass(frozen=True, kw_only=True)
class Sigmoid(Activation):
    """The logistic function, from 0 to 1."""

    __equation__ = r"\varphi(z) = \frac{1}{1 + e^{-z}}"
    kind: Literal["sigmoid"] = "sigmoid"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return logistic(z)

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
        return hyperbolic_tangent(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) - h * h


@dataclass(frozen=True, kw_only=True)
class Softsign(Activation):
    """Like tanh from -1 to 1, but approaching its ends slowly.

    Source: Turian, Bergstra, Bengio, "Quadratic features and deep architectures for chunking",
    2009.
    """

    __equation__ = r"\varphi(z) = \frac{z}{1 + |z|}"
    kind: Literal["softsign"] = "softsign"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z / (like(z, 1.0) + abs(z))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        width = like(z, 1.0) + abs(z)
        return like(z, 1.0) / (width * width)


@dataclass(frozen=True, kw_only=True)
class ExponentialFunction(Activation):
    """The exponential function: the natural output where counts are predicted."""

    __equation__ = r"\varphi(z) = e^z"
    kind: Literal["exponential"] = "exponential"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return np.exp(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return h


@dataclass(frozen=True, kw_only=True)
class StepFunction(Activation):
    """The perceptron's threshold, as a historical case: 1 from zero on, 0 below.

    Its derivative is 0 wherever it has one, so nothing can be sent back through it: a hidden
    layer cannot use it, and as an output it needs a loss with a rule of its own.

    Source: McCulloch, Pitts, "A logical calculus of the ideas immanent in nervous activity",
    1943.
    """

    __equation__ = r"\varphi(z) = 1 \text{ if } z \ge 0 \text{ else } 0"
    differentiable = False
    kind: Literal["step"] = "step"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return like(z, 1.0) if z >= 0 else like(z, 0.0)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 0.0)
