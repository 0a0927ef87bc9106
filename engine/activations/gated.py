"""Smooth units that multiply z by how open a gate is."""

import math
from dataclasses import dataclass
from typing import Literal

from engine.activations.base import Activation
from engine.activations.numbers import log_one_plus_exp, logistic, normal_probability
from engine.initializers import He
from engine.kernels import Number, exp_of_negative, hyperbolic_tangent, like

__all__ = ["GELU", "Mish", "SiLU"]

SQRT_TWO_PI = math.sqrt(2.0 * math.pi)


@dataclass(frozen=True, kw_only=True)
class GELU(Activation):
    """The Gaussian error linear unit: z times the probability that a normal number is below z.

    Computed with the error function, not with its approximation by tanh.

    Source: Hendrycks, Gimpel, "Gaussian error linear units", 2016.
    """

    __equation__ = (
        r"\varphi(z) = z \, \Phi(z)"
        r" = \frac{z}{2} \left(1 + \operatorname{erf} \frac{z}{\sqrt 2}\right)"
    )
    initializer = He()
    kind: Literal["gelu"] = "gelu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z * normal_probability(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        density = exp_of_negative(like(z, -0.5) * z * z) * like(z, 1.0 / SQRT_TWO_PI)
        return normal_probability(z) + z * density


@dataclass(frozen=True, kw_only=True)
class SiLU(Activation):
    """The sigmoid linear unit, also called swish.

    Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", 2017; Ramachandran, Zoph, Le,
    "Searching for activation functions", 2017.
    """

    __equation__ = r"\varphi(z) = \frac{z}{1 + e^{-z}}"
    initializer = He()
    kind: Literal["silu"] = "silu"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z * logistic(z)

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        p = logistic(z)
        return p + h * (like(z, 1.0) - p)


@dataclass(frozen=True, kw_only=True)
class Mish(Activation):
    """A smooth unit with a small dip below zero.

    Source: Misra, "Mish: a self regularized non-monotonic activation function", 2019.
    """

    __equation__ = r"\varphi(z) = z \tanh \log(1 + e^z)"
    initializer = He()
    kind: Literal["mish"] = "mish"

    @staticmethod
    def phi(z: Number, alpha: Number) -> Number:
        return z * hyperbolic_tangent(log_one_plus_exp(z))

    @staticmethod
    def derivative(z: Number, h: Number, alpha: Number) -> Number:
        t = hyperbolic_tangent(log_one_plus_exp(z))
        return t + z * logistic(z) * (like(z, 1.0) - t * t)
