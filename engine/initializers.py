"""Initializers: what the weights are before the first step (biases start at zero).

A weight matrix has shape (fan_out, fan_in): one row for every unit, one column for every input.
All numbers are drawn in float64 and rounded afterwards, so that float32 and float64 runs of one
seed start from the same point.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le
from numpy.typing import NDArray

from engine.spec import Spec

__all__ = ["Glorot", "He", "Initializer", "LeCun", "Normal", "Uniform", "Zeros"]

Matrix = NDArray[np.float64]
Distribution = Literal["normal", "uniform"]


@dataclass(frozen=True, kw_only=True)
class Initializer(Spec, family="initializer"):
    """The distribution that a layer's weights are drawn from."""

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        """A fresh weight matrix of shape (fan_out, fan_in)."""
        raise NotImplementedError


def _scaled(
    generator: np.random.Generator,
    shape: tuple[int, int],
    variance: float,
    distribution: Distribution,
) -> Matrix:
    """Draw numbers of zero mean and a given variance.

    That of a uniform distribution on [-a, a] is a^2 / 3.
    """
    if distribution == "normal":
        return generator.normal(0.0, sqrt(variance), shape)
    limit = sqrt(3.0 * variance)
    return generator.uniform(-limit, limit, shape)


@dataclass(frozen=True, kw_only=True)
class He(Initializer):
    """Keeps the size of the signal through layers of ReLUs, which switch off half of it.

    Source: He et al., "Delving deep into rectifiers", 2015.
    """

    __equation__ = r"\operatorname{Var}(W) = \frac{2}{n_\text{in}}"
    kind: Literal["he"] = "he"
    distribution: Distribution = "normal"
    """The shape of the distribution."""

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        return _scaled(generator, (fan_out, fan_in), 2.0 / fan_in, self.distribution)


@dataclass(frozen=True, kw_only=True)
class Glorot(Initializer):
    """A compromise between the forward signal and the backward one; also called Xavier.

    Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural
    networks", 2010.
    """

    __equation__ = r"\operatorname{Var}(W) = \frac{2}{n_\text{in} + n_\text{out}}"
    kind: Literal["glorot"] = "glorot"
    distribution: Distribution = "uniform"
    """The shape of the distribution."""

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        variance = 2.0 / (fan_in + fan_out)
        return _scaled(generator, (fan_out, fan_in), variance, self.distribution)


@dataclass(frozen=True, kw_only=True)
class LeCun(Initializer):
    """Keeps the size of the forward signal of units that are linear around zero.

    Source: LeCun et al., "Efficient backprop", 1998.
    """

    __equation__ = r"\operatorname{Var}(W) = \frac{1}{n_\text{in}}"
    kind: Literal["lecun"] = "lecun"
    distribution: Distribution = "normal"
    """The shape of the distribution."""

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        return _scaled(generator, (fan_out, fan_in), 1.0 / fan_in, self.distribution)


@dataclass(frozen=True, kw_only=True)
class Zeros(Initializer):
    """All weights zero: right for a single layer, a dead end for hidden ones (all units alike)."""

    __equation__ = r"W = 0"
    kind: Literal["zeros"] = "zeros"

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        return np.zeros((fan_out, fan_in))


@dataclass(frozen=True, kw_only=True)
class Normal(Initializer):
    """A normal distribution of a given width."""

    __equation__ = r"W \sim \mathcal{N}(0, \sigma^2)"
    kind: Literal["normal"] = "normal"
    deviation: Annotated[float, Gt(0), Le(1000)] = 0.05
    """The standard deviation sigma."""

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        return generator.normal(0.0, self.deviation, (fan_out, fan_in))


@dataclass(frozen=True, kw_only=True)
class Uniform(Initializer):
    """A uniform distribution around zero."""

    __equation__ = r"W \sim \mathcal{U}(-a, a)"
    kind: Literal["uniform"] = "uniform"
    limit: Annotated[float, Gt(0), Le(1000)] = 0.05
    """The largest weight a."""

    def draw(self, generator: np.random.Generator, fan_out: int, fan_in: int) -> Matrix:
        return generator.uniform(-self.limit, self.limit, (fan_out, fan_in))
