"""Regularizers: preferences for small or few weights. Biases are exempt.

A regularizer adds the gradient of its penalty before the optimizer's step (``transform_gradient``),
or moves the weights after it (``project``), or both; ``kernels.py`` has the signatures.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Gt, Le
from numpy.typing import NDArray

from engine.kernels import Array, Kernel, Number, jittable
from engine.spec import Spec

__all__ = ["L1", "L2", "ElasticNet", "MaxNorm", "Regularizer"]

Weights = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Regularizer(Spec, family="regularizer"):
    """A preference among weights."""

    def constants(self) -> tuple[float, ...]:
        """The numbers that the kernels get as ``constants``."""
        raise NotImplementedError

    def value(self, weights: Weights) -> float:
        """The penalty on all weights, as one flat vector; 0 for a constraint."""
        return 0.0

    def transform_gradient(self) -> Kernel | None:
        """The kernel that adds the gradient of the penalty."""
        return None

    def project(self) -> Kernel | None:
        """The kernel that moves the weights after an update."""
        return None


@dataclass(frozen=True, kw_only=True)
class L2(Regularizer):
    """The Euclidean norm of the weights, squared or as it is.

    Squared, it pulls every weight in proportion to its size: the gradient is 2 lambda w. (Some
    libraries write lambda / 2 instead of lambda.) The norm itself pulls with the same total force
    however small the weights are: the gradient is lambda w / ||w||, and 0 where all weights are 0.
    """

    __equation__ = r"L + \lambda \lVert w \rVert_2^2 \text{ or } L + \lambda \lVert w \rVert_2"
    kind: Literal["l2"] = "l2"
    strength: Annotated[float, Ge(0), Le(1e6)] = 1e-4
    """The factor lambda of the penalty."""
    form: Literal["squared", "norm"] = "squared"
    """Whether the norm is squared."""

    def constants(self) -> tuple[float, ...]:
        return (self.strength,)

    def value(self, weights: Weights) -> float:
        square = float(np.dot(weights, weights))
        return self.strength * (square if self.form == "squared" else square**0.5)

    def transform_gradient(self) -> Kernel:
        return l2_squared if self.form == "squared" else l2_norm


@jittable
def _add_in_proportion(theta: Array, gradient: Array, blocks: Array, factor: Number) -> None:
    for b in range(blocks.shape[0]):
        weights, slope = theta[blocks[b, 0] : blocks[b, 1]], gradient[blocks[b, 0] : blocks[b, 1]]
        for i in range(weights.size):
            slope[i] += factor * weights[i]


def l2_squared(theta: Array, gradient: Array, blocks: Array, constants: Array) -> None:
    """Add to the gradient: g += 2 lambda w."""
    _add_in_proportion(theta, gradient, blocks, constants[0] + constants[0])


def l2_norm(theta: Array, gradient: Array, blocks: Array, constants: Array) -> None:
    """Add to the gradient: g += lambda w / ||w||, the norm being that of all blocks together."""
    square = 0.0
    for b in range(blocks.shape[0]):
        weights = theta[blocks[b, 0] : blocks[b, 1]]
        for i in range(weights.size):
            square += np.float64(weights[i]) * np.float64(weights[i])
    if square > 0:
        factor = theta.dtype.type(constants[0] / np.sqrt(square))
        _add_in_proportion(theta, gradient, blocks, factor)


@dataclass(frozen=True, kw_only=True)
class L1(Regularizer):
    """The sum of the absolute weights: moves weights to zero, and so selects features.

    ``proximal`` shrinks every weight by eta lambda after the optimizer's step and stops at zero,
    so that weights become exactly zero (Parikh, Boyd, "Proximal algorithms", 2014; with plain SGD
    this is ISTA). With momentum or adaptive step sizes the gradient's part of a step has another
    length, so the same lambda selects more or fewer features. ``subgradient`` adds lambda sign(w)
    to the gradient, as it is usually taught: weights then swing around zero.
    """

    __equation__ = r"L + \lambda \lVert w \rVert_1"
    kind: Literal["l1"] = "l1"
    strength: Annotated[float, Ge(0), Le(1e6)] = 1e-4
    """The factor lambda of the penalty."""
    method: Literal["proximal", "subgradient"] = "proximal"
    """How the corner at zero is treated."""

    def constants(self) -> tuple[float, ...]:
        return (self.strength,)

    def value(self, weights: Weights) -> float:
        return self.strength * float(np.abs(weights).sum())

    def transform_gradient(self) -> Kernel | None:
        return l1_subgradient if self.method == "subgradient" else None

    def project(self) -> Kernel | None:
        return soft_threshold if self.method == "proximal" else None


def l1_subgradient(theta: Array, gradient: Array, blocks: Array, constants: Array) -> None:
    """Add to the gradient: g += lambda sign(w)."""
    for b in range(blocks.shape[0]):
        weights, slope = theta[blocks[b, 0] : blocks[b, 1]], gradient[blocks[b, 0] : blocks[b, 1]]
        for i in range(weights.size):
            slope[i] += constants[0] * np.sign(weights[i])


def soft_threshold(theta: Array, blocks: Array, rate: Number, constants: Array) -> None:
    """Shrink: w <- sign(w) max(|w| - eta lambda, 0)."""
    threshold = theta.dtype.type(rate * constants[0])
    zero = theta.dtype.type(0.0)
    for b in range(blocks.shape[0]):
        weights = theta[blocks[b, 0] : blocks[b, 1]]
        for i in range(weights.size):
            weights[i] = np.sign(weights[i]) * max(abs(weights[i]) - threshold, zero)


@dataclass(frozen=True, kw_only=True)
class ElasticNet(Regularizer):
    """L1 and L2 together: selects features, and keeps groups of similar ones together.

    The L1 part is proximal, the L2 part squared.

    Source: Zou, Hastie, "Regularization and variable selection via the elastic net", 2005.
    """

    __equation__ = (
        r"L + \lambda \left(\rho \lVert w \rVert_1 + (1 - \rho) \lVert w \rVert_2^2\right)"
    )
    kind: Literal["elastic_net"] = "elastic_net"
    strength: Annotated[float, Ge(0), Le(1e6)] = 1e-4
    """The factor lambda of both penalties."""
    l1_ratio: Annotated[float, Ge(0), Le(1)] = 0.5
    """The share rho of L1."""

    def constants(self) -> tuple[float, ...]:
        return (self.strength * self.l1_ratio, self.strength * (1.0 - self.l1_ratio))

    def value(self, weights: Weights) -> float:
        absolute, squared = self.constants()
        return absolute * float(np.abs(weights).sum()) + squared * float(np.dot(weights, weights))

    def transform_gradient(self) -> Kernel:
        return _elastic_squared

    def project(self) -> Kernel:
        return soft_threshold


def _elastic_squared(theta: Array, gradient: Array, blocks: Array, constants: Array) -> None:
    _add_in_proportion(theta, gradient, blocks, constants[1] + constants[1])


@dataclass(frozen=True, kw_only=True)
class MaxNorm(Regularizer):
    """An upper limit for the length of every unit's weight vector, kept after each update.

    Source: Srebro, Shraibman, "Rank, trace-norm and max-norm", 2005; Srivastava et al.,
    "Dropout", 2014.
    """

    __equation__ = r"\lVert w_u \rVert_2 \le c \text{ for every unit } u"
    kind: Literal["max_norm"] = "max_norm"
    limit: Annotated[float, Gt(0)] = 3.0
    """The greatest length c."""

    def constants(self) -> tuple[float, ...]:
        return (self.limit,)

    def project(self) -> Kernel:
        return clip_rows


def clip_rows(theta: Array, blocks: Array, constants: Array) -> None:
    """w_u <- w_u c / ||w_u|| where a unit's weights are longer than c."""
    for b in range(blocks.shape[0]):
        start, stop, length = blocks[b]
        for row in range(start, stop, length):
            weights, square = theta[row : row + length], 0.0
            for i in range(length):
                square += np.float64(weights[i]) * np.float64(weights[i])
            if square > np.float64(constants[0]) * np.float64(constants[0]):
                factor = theta.dtype.type(constants[0] / np.sqrt(square))
                for i in range(length):
                    weights[i] *= factor
