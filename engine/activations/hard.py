"""Straight-line versions of sigmoid, tanh and swish: no exponential."""

from dataclasses import dataclass
from typing import Literal

from engine.activations.base import Activation
from engine.initializers import He
from engine.kernels import Number, larger, like, smaller

__all__ = ["HardSigmoid", "HardSwish", "HardTanh"]


@dataclass(frozen=True, kw_only=True)
class HardSigmoid(Activation):
    """A straight line from 0 at -3 to 1 at 3, constant beyond.

    Source: Courbariaux, Bengio, David, "BinaryConnect", 2015, with the slope of 1/6 that
    MobileNetV3 uses.
    """

    __equation__ = r"\varphi(z) = \min(1, \max(0, z / 6 + 1 / 2))"
    kind: Literal["hard_sigmoid"] = "hard_sigmoid"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        line = z * like(z, 1.0 / 6.0) + like(z, 0.5)
        return smaller(like(z, 1.0), larger(like(z, 0.0), line))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0 / 6.0) if abs(z) < 3 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class HardTanh(Activation):
    """The identity from -1 to 1, constant beyond.

    Source: Collobert, "Large scale machine learning", 2004.
    """

    __equation__ = r"\varphi(z) = \min(1, \max(-1, z))"
    kind: Literal["hard_tanh"] = "hard_tanh"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return smaller(like(z, 1.0), larger(like(z, -1.0), z))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        return like(z, 1.0) if abs(z) < 1 else like(z, 0.0)


@dataclass(frozen=True, kw_only=True)
class HardSwish(Activation):
    """SiLU with the hard sigmoid in place of the logistic function.

    Source: Howard et al., "Searching for MobileNetV3", 2019.
    """

    __equation__ = r"\varphi(z) = z \min(1, \max(0, z / 6 + 1 / 2))"
    initializer = He()
    kind: Literal["hard_swish"] = "hard_swish"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        line = z * like(z, 1.0 / 6.0) + like(z, 0.5)
        return z * smaller(like(z, 1.0), larger(like(z, 0.0), line))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        if abs(z) < 3:
            return z * like(z, 1.0 / 3.0) + like(z, 0.5)
        return like(z, 1.0) if z > 0 else like(z, 0.0)
