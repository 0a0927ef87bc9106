"""Losses for numbers."""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Lt

from engine.activations import Activation, ExponentialFunction
from engine.kernels import (
    Array,
    Kernel,
    Number,
    exp_of_negative,
    hyperbolic_tangent,
    larger,
    like,
    smaller,
)
from engine.losses.base import Loss, TaskKind

__all__ = ["Huber", "LogCosh", "MeanAbsoluteError", "MeanSquaredError", "Poisson", "Quantile"]

LOG_TWO = math.log(2.0)


@dataclass(frozen=True, kw_only=True)
class MeanSquaredError(Loss):
    """The mean of the squared differences: large errors weigh most; estimates the mean."""

    __equation__ = r"L = \frac{1}{n} \sum_i (\hat y_i - y_i)^2"
    kind: Literal["mse"] = "mse"

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        return (y - t) * (y - t)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        return (y - t) + (y - t)


@dataclass(frozen=True, kw_only=True)
class MeanAbsoluteError(Loss):
    """The mean of the absolute differences: robust to outliers; estimates the median.

    The derivative at a difference of exactly zero is taken as 0.
    """

    __equation__ = r"L = \frac{1}{n} \sum_i |\hat y_i - y_i|"
    kind: Literal["mae"] = "mae"

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        return abs(y - t)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        return like(y, 1.0) if y > t else (like(y, -1.0) if y < t else like(y, 0.0))


@dataclass(frozen=True, kw_only=True)
class Huber(Loss):
    """Squared for small differences, absolute for large ones: smooth, and robust to outliers.

    Differences are measured in the units the network is trained in: those of the target divided
    by its standard deviation, unless the preprocessing says otherwise.

    Source: Huber, "Robust estimation of a location parameter", 1964.
    """

    __equation__ = (
        r"L = \tfrac12 d^2 \text{ if } |d| \le \delta \text{ else }"
        r" \delta (|d| - \tfrac12 \delta), \quad d = \hat y - y"
    )
    kind: Literal["huber"] = "huber"
    delta: Annotated[float, Gt(0)] = 1.0
    """The difference at which the parabola goes over into a line."""

    def constants(self) -> tuple[float, ...]:
        return (self.delta,)

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        d = abs(y - t)
        half = like(y, 0.5)
        return half * d * d if d <= alpha else alpha * (d - half * alpha)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        return larger(-alpha, smaller(alpha, y - t))


@dataclass(frozen=True, kw_only=True)
class LogCosh(Loss):
    """The logarithm of the hyperbolic cosine: like Huber's loss, without a corner."""

    __equation__ = r"L = \log \cosh (\hat y - y)"
    kind: Literal["log_cosh"] = "log_cosh"

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        d = abs(y - t)
        return d + np.log1p(exp_of_negative(like(y, -2.0) * d)) - like(y, LOG_TWO)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        return hyperbolic_tangent(y - t)


@dataclass(frozen=True, kw_only=True)
class Quantile(Loss):
    """The pinball loss: its minimum is the value that a share of the targets lies below.

    The derivative at a difference of exactly zero is taken as 0.

    Source: Koenker, Bassett, "Regression quantiles", 1978.
    """

    __equation__ = r"L = \max(q (y - \hat y), (q - 1)(y - \hat y))"
    kind: Literal["quantile"] = "quantile"
    level: Annotated[float, Gt(0), Lt(1)] = 0.5
    """The share q of targets below the estimate; 0.5 estimates the median."""

    def constants(self) -> tuple[float, ...]:
        return (self.level,)

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        d = t - y
        return larger(alpha * d, (alpha - like(y, 1.0)) * d)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        above = like(y, 1.0) - alpha
        return above if y > t else (-alpha if y < t else like(y, 0.0))


@dataclass(frozen=True, kw_only=True)
class Poisson(Loss):
    """The negative logarithm of a count's probability, less what does not depend on the network.

    The output is z = log of the expected count, and the prediction e^z. Targets are counts (or
    rates) of 0 or more, and are not scaled.
    """

    __equation__ = r"L = e^z - y z"
    kind: Literal["poisson"] = "poisson"
    scales_target = False
    least_target = 0.0

    def kernel(self, task: TaskKind) -> Kernel:
        return _poisson

    def fused_activation(self, task: TaskKind) -> Activation:
        return ExponentialFunction()


def _poisson(
    z: Array,
    target: Array,
    weight: Array,
    prediction: Array,
    dz: Array,
    losses: Array,
    count: Number,
) -> None:
    rows, outputs = z.shape
    share = like(z[0, 0], 1.0 / (count * outputs))
    for i in range(rows):
        total = 0.0
        for j in range(outputs):
            prediction[i, j] = np.exp(z[i, j])
            total += prediction[i, j] - target[i, j] * z[i, j]
            dz[i, j] = (prediction[i, j] - target[i, j]) * weight[i] * share
        losses[i] = weight[i] * total / outputs
