"""Losses: what is minimised, value and gradient side by side.

A regression loss writes two scalar functions of one prediction y and its target t::

    value(y, t)       its part of L
    gradient(y, t)    dL/dy

and the kernel that averages them over outputs and rows is made from them. Cross-entropy looks at
a whole row and contains the output activation (sigmoid or softmax): together they are stable for
any weighted sum, and their gradient is just prediction - target.
"""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

import numpy as np

from engine.activations import Activation, Sigmoid, Softmax, softmax_rows
from engine.kernels import Array, Kernel, Number, inlined, like
from engine.spec import Spec

__all__ = ["CrossEntropy", "Loss", "MeanAbsoluteError", "MeanSquaredError"]

TaskKind = Literal["regression", "binary", "multiclass"]


@dataclass(frozen=True, kw_only=True)
class Loss(Spec, family="loss"):
    """How far predictions are from their targets."""

    tasks: ClassVar[tuple[TaskKind, ...]] = ("regression",)
    """The tasks it makes sense for."""

    def constants(self) -> tuple[float, ...]:
        """What the kernel gets as ``constants``."""
        return (0.0,)

    @staticmethod
    def value(y: Number, t: Number) -> Number:
        """The loss of one prediction."""
        raise NotImplementedError

    @staticmethod
    def gradient(y: Number, t: Number) -> Number:
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

    def loss(z: Array, target: Array, prediction: Array, dz: Array, constants: Array) -> float:
        rows, outputs = z.shape
        total = 0.0
        scale = like(z[0, 0], 1.0 / (rows * outputs))
        for i in range(rows):
            for j in range(outputs):
                prediction[i, j] = z[i, j]
                total += value(z[i, j], target[i, j])
                dz[i, j] = gradient(z[i, j], target[i, j]) * scale
        mean_over_outputs: float = total / outputs
        return mean_over_outputs

    return loss


@dataclass(frozen=True, kw_only=True)
class MeanSquaredError(Loss):
    """The mean of the squared differences: large errors weigh most; estimates the mean."""

    __equation__ = r"L = \frac{1}{n} \sum_i (\hat y_i - y_i)^2"
    kind: Literal["mse"] = "mse"

    @staticmethod
    def value(y: Number, t: Number) -> Number:
        return (y - t) * (y - t)

    @staticmethod
    def gradient(y: Number, t: Number) -> Number:
        return (y - t) + (y - t)


@dataclass(frozen=True, kw_only=True)
class MeanAbsoluteError(Loss):
    """The mean of the absolute differences: robust to outliers; estimates the median.

    The derivative at a difference of exactly zero is taken as 0.
    """

    __equation__ = r"L = \frac{1}{n} \sum_i |\hat y_i - y_i|"
    kind: Literal["mae"] = "mae"

    @staticmethod
    def value(y: Number, t: Number) -> Number:
        return abs(y - t)

    @staticmethod
    def gradient(y: Number, t: Number) -> Number:
        return like(y, 1.0) if y > t else (like(y, -1.0) if y < t else like(y, 0.0))


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(Loss):
    """The negative logarithm of the probability given to the right class.

    Two classes have one output z and p = sigmoid(z); more have an output each and p = softmax(z).
    Both are computed from z without ever taking the logarithm of a rounded probability.
    """

    __equation__ = r"L = -\frac{1}{m} \sum_i \log \hat p_i(y_i)"
    tasks = ("binary", "multiclass")
    kind: Literal["cross_entropy"] = "cross_entropy"

    def kernel(self, task: TaskKind) -> Kernel:
        return _binary_cross_entropy if task == "binary" else _categorical_cross_entropy

    def fused_activation(self, task: TaskKind) -> Activation:
        return Sigmoid() if task == "binary" else Softmax()


def _binary_cross_entropy(
    z: Array, target: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    """L = log(1 + e^z) - t z, and dL/dz = sigmoid(z) - t."""
    rows = z.shape[0]
    total = 0.0
    scale = like(z[0, 0], 1.0 / rows)
    for i in range(rows):
        e = np.exp(-abs(z[i, 0]))
        one = like(e, 1.0)
        prediction[i, 0] = (one if z[i, 0] >= 0 else e) / (one + e)
        total += max(z[i, 0], like(e, 0.0)) - target[i, 0] * z[i, 0] + np.log1p(e)
        dz[i, 0] = (prediction[i, 0] - target[i, 0]) * scale
    return total


def _categorical_cross_entropy(
    z: Array, target: Array, prediction: Array, dz: Array, constants: Array
) -> float:
    """L = log sum_j e^(z_j) - z_t, and dL/dz = softmax(z) - onehot(t); t is the class's index."""
    rows, classes = z.shape
    total = 0.0
    scale = like(z[0, 0], 1.0 / rows)
    softmax_rows(z, prediction)
    for i in range(rows):
        top = z[i, 0]
        for j in range(1, classes):
            top = max(top, z[i, j])
        mass = top - top
        for j in range(classes):
            mass += np.exp(z[i, j] - top)
            dz[i, j] = prediction[i, j] * scale
        t = int(target[i, 0])
        total += np.log(mass) + top - z[i, t]
        dz[i, t] -= scale
    return total
