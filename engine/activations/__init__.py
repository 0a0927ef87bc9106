"""Activations: phi and its derivative phi' side by side.

An elementwise activation writes two scalar functions::

    phi(z, alpha)             h = phi(z)
    derivative(z, h, alpha)   phi'(z), given z and h so that the cheaper one can be used

and the kernels that add the bias, apply phi, and go back, are made from them.
"""

from engine.activations.base import Activation
from engine.activations.classic import (
    ExponentialFunction,
    Linear,
    Sigmoid,
    Softsign,
    StepFunction,
    Tanh,
)
from engine.activations.gated import GELU, Mish, SiLU
from engine.activations.hard import HardSigmoid, HardSwish, HardTanh
from engine.activations.rectifiers import ELU, SELU, LeakyReLU, ReLU, Softplus
from engine.activations.softmax import Softmax, softmax_rows

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "ExponentialFunction",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "LeakyReLU",
    "Linear",
    "Mish",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "StepFunction",
    "Tanh",
    "softmax_rows",
]
