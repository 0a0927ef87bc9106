"""Losses: what is minimised, value and gradient side by side.

A regression loss writes two scalar functions of one prediction y and its target t::

    value(y, t, alpha)       its part of L
    gradient(y, t, alpha)    dL/dy

and the kernel that averages them over outputs and rows is made from them. Cross-entropy looks at
a whole row and contains the output activation (sigmoid or softmax): together they are stable for
any weighted sum, and their gradient is just prediction - target.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Gt, Lt

from engine.activations import (
    Activation,
    ExponentialFunction,
    Sigmoid,
    Softmax,
    StepFunction,
    softmax_rows,
)
from engine.kernels import Array, Kernel, Number, inlined, like
from engine.spec import Spec

__all__ = [
    "CrossEntropy",
    "Hinge",
    "Huber",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "PerceptronRule",
    "Poisson",
    "Quantile",
    "TaskKind",
]

LOG_TWO = math.log(2.0)

TaskKind = Literal["regression", "binary", "multiclass"]


@dataclass(frozen=True, kw_only=True)
class Loss(Spec, family="loss"):
    """How far predictions are from their targets."""

    tasks: ClassVar[tuple[TaskKind, ...]] = ("regression",)
    """The tasks it makes sense for."""
    scales_target: ClassVar[bool] = True
    """Whether a regression's target may be scaled before the loss sees it."""
    passes_back: ClassVar[bool] = True
    """Whether its gradient means anything to layers below the output."""

    def constants(self) -> tuple[float, ...]:
        """What the kernel gets as ``constants``; the first one is what ``value`` gets as alpha."""
        return (0.0,)

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        """The loss of one prediction y for the target t."""
        raise NotImplementedError

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        """The derivative of the value in y."""
        raise NotImplementedError

    def kernel(self, task: TaskKind) -> Kernel:
        """The kernel for one task (see ``kernels.py`` for its signature)."""
        return _elementwise(self.value, self.gradient)

    def fused_activation(self, task: TaskKind) -> Activation | None:
        """The output activation that the kernel contains; None if it takes the output as it is."""
        return None


@cache
def _elementwise(value: Kernel, gradient: Kernel) -> Kernel:
    value, gradient = inlined(value), inlined(gradient)

    def loss(
        z: Array, target: Array, weight: Array, prediction: Array, dz: Array, constants: Array
    ) -> float:
        rows, outputs = z.shape
        total = 0.0
        alpha = constants[0]
        share = like(z[0, 0], 1.0 / (rows * outputs))
        for i in range(rows):
            scale = weight[i] * share
            row_total = 0.0
            for j in range(outputs):
                prediction[i, j] = z[i, j]
                row_total += value(z[i, j], target[i, j], alpha)
                dz[i, j] = gradient(z[i, j], target[i, j], alpha) * scale
            total += weight[i] * row_total
        mean_over_outputs: float = total / outputs
        return mean_over_outputs

    return loss


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
        return max(-alpha, min(alpha, y - t))


@dataclass(frozen=True, kw_only=True)
class LogCosh(Loss):
    """The logarithm of the hyperbolic cosine: like Huber's loss, without a corner."""

    __equation__ = r"L = \log \cosh (\hat y - y)"
    kind: Literal["log_cosh"] = "log_cosh"

    @staticmethod
    def value(y: Number, t: Number, alpha: Number) -> Number:
        d = abs(y - t)
        return d + np.log1p(np.exp(like(y, -2.0) * d)) - like(y, LOG_TWO)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        return np.tanh(y - t)


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
        return max(alpha * d, (alpha - like(y, 1.0)) * d)

    @staticmethod
    def gradient(y: Number, t: Number, alpha: Number) -> Number:
        above = like(y, 1.0) - alpha
        return above if y > t else (-alpha if y < t else like(y, 0.0))


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(Loss):
    """The negative logarithm of the probability given to the right class.

    Two classes have one output z and p = sigmoid(z); more have an output each and p = softmax(z).
    Both are computed from z without ever taking the logarithm of a rounded probability.
    """

    __equation__ = r"L = -\frac{1}{m} \sum_i \log \hat p_i(y_i)"
    tasks = ("binary", "multiclass")
    kind: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.0
    """The share of the target's certainty that is spread evenly over all classes (Szegedy et al.,
    "Rethinking the inception architecture for computer vision", 2016)."""

    def constants(self) -> tuple[float, ...]:
        return (self.label_smoothing,)

    def kernel(self, task: TaskKind) -> Kernel:
        return _binary_cross_entropy if task == "binary" else _categorical_cross_entropy

    def fused_activation(self, task: TaskKind) -> Activation:
        return Sigmoid() if task == "binary" else Softmax()


def _binary_cross_entropy(
    z: Array, target: Array, weight: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    """L = log(1 + e^z) - t z, and dL/dz = sigmoid(z) - t, where smoothing pulls t towards 1/2."""
    rows = z.shape[0]
    total = 0.0
    one, half = like(z[0, 0], 1.0), like(z[0, 0], 0.5)
    share = like(z[0, 0], 1.0 / rows)
    for i in range(rows):
        t = target[i, 0] + constants[0] * (half - target[i, 0])
        e = np.exp(-abs(z[i, 0]))
        prediction[i, 0] = (one if z[i, 0] >= 0 else e) / (one + e)
        value = max(z[i, 0], one - one) - t * z[i, 0] + np.log1p(e)
        total += weight[i] * value
        dz[i, 0] = (prediction[i, 0] - t) * weight[i] * share
    return total


def _categorical_cross_entropy(
    z: Array, target: Array, weight: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    """L = log sum_j e^(z_j) - sum_j t_j z_j, and dL/dz = softmax(z) - t.

    t is 1 for the class whose index is the target and 0 for the others, smoothed towards even.
    """
    rows, classes = z.shape
    total = 0.0
    share = like(z[0, 0], 1.0 / rows)
    even = constants[0] / like(z[0, 0], classes)
    certain = like(z[0, 0], 1.0) - constants[0]
    softmax_rows(z, prediction)
    for i in range(rows):
        scale = weight[i] * share
        top = z[i, 0]
        for j in range(1, classes):
            top = max(top, z[i, j])
        mass = top - top
        spread = mass
        for j in range(classes):
            mass += np.exp(z[i, j] - top)
            spread += z[i, j] - top
            dz[i, j] = (prediction[i, j] - even) * scale
        t = int(target[i, 0])
        dz[i, t] -= certain * scale
        value = np.log(mass) - certain * (z[i, t] - top) - even * spread
        total += weight[i] * value
    return total


@dataclass(frozen=True, kw_only=True)
class Hinge(Loss):
    """The distance to the right side of the margin: trains a support vector machine.

    For two classes with signs s = -1 and 1; the prediction is the side that z is on, without a
    probability.

    Source: Cortes, Vapnik, "Support-vector networks", 1995.
    """

    __equation__ = r"L = \max(0, 1 - s z)"
    tasks = ("binary",)
    kind: Literal["hinge"] = "hinge"

    def kernel(self, task: TaskKind) -> Kernel:
        return _hinge

    def fused_activation(self, task: TaskKind) -> Activation:
        return StepFunction()


def _hinge(
    z: Array, target: Array, weight: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    rows = z.shape[0]
    total = 0.0
    one = like(z[0, 0], 1.0)
    share = like(z[0, 0], 1.0 / rows)
    for i in range(rows):
        sign = one if target[i, 0] > 0 else -one
        prediction[i, 0] = one if z[i, 0] >= 0 else one - one
        margin = one - sign * z[i, 0]
        dz[i, 0] = -sign * weight[i] * share if margin > 0 else one - one
        total += weight[i] * max(margin, one - one)
    return total


@dataclass(frozen=True, kw_only=True)
class PerceptronRule(Loss):
    """The perceptron's own criterion: only rows on the wrong side count, by their distance.

    Its gradient in z is prediction - target, so that plain SGD with mini-batches of one row is
    Rosenblatt's rule, w <- w + eta (t - y) x. There is no gradient to send further back through a
    step, so it is for networks without hidden layers.

    Source: Rosenblatt, "The perceptron: a probabilistic model for information storage and
    organization in the brain", 1958.
    """

    __equation__ = r"L = \max(0, -s z), \quad \Delta w = \eta (t - y) x"
    tasks = ("binary",)
    kind: Literal["perceptron"] = "perceptron"
    passes_back = False

    def kernel(self, task: TaskKind) -> Kernel:
        return _perceptron

    def fused_activation(self, task: TaskKind) -> Activation:
        return StepFunction()


def _perceptron(
    z: Array, target: Array, weight: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    rows = z.shape[0]
    total = 0.0
    one = like(z[0, 0], 1.0)
    share = like(z[0, 0], 1.0 / rows)
    for i in range(rows):
        prediction[i, 0] = one if z[i, 0] >= 0 else one - one
        wrong = prediction[i, 0] - target[i, 0]
        dz[i, 0] = wrong * weight[i] * share
        total += weight[i] * wrong * z[i, 0]
    return total


@dataclass(frozen=True, kw_only=True)
class Poisson(Loss):
    """The negative logarithm of a count's probability, less what does not depend on the network.

    The output is z = log of the expected count, and the prediction e^z. Targets are counts (or
    rates) of 0 or more, and are not scaled.
    """

    __equation__ = r"L = e^z - y z"
    kind: Literal["poisson"] = "poisson"
    scales_target = False

    def kernel(self, task: TaskKind) -> Kernel:
        return _poisson

    def fused_activation(self, task: TaskKind) -> Activation:
        return ExponentialFunction()


def _poisson(
    z: Array, target: Array, weight: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    rows, outputs = z.shape
    total = 0.0
    share = like(z[0, 0], 1.0 / (rows * outputs))
    for i in range(rows):
        for j in range(outputs):
            prediction[i, j] = np.exp(z[i, j])
            total += weight[i] * (prediction[i, j] - target[i, j] * z[i, j])
            dz[i, j] = (prediction[i, j] - target[i, j]) * weight[i] * share
    mean_over_outputs: float = total / outputs
    return mean_over_outputs
