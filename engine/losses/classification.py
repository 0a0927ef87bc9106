"""Losses for classes; each contains the output activation."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Lt

from engine.activations import Activation, Sigmoid, Softmax, StepFunction
from engine.activations.softmax import softmax_rows
from engine.kernels import (
    Array,
    Kernel,
    Number,
    exp_of_negative,
    larger,
    like,
    log_of_normal,
    log_one_plus,
    view,
)
from engine.losses.base import Loss, TaskKind

__all__ = ["CrossEntropy", "Hinge", "PerceptronRule"]


@dataclass(frozen=True, kw_only=True)
class CrossEntropy(Loss):
    """The negative logarithm of the probability given to the right class.

    Two classes have one output z and p = sigmoid(z); more have an output each and p = softmax(z).
    Of several labels each has an output and a sigmoid of its own, and L is the mean over them.
    Both are computed from z without ever taking the logarithm of a rounded probability.
    """

    __equation__ = r"L = -\frac{1}{m} \sum_i \log \hat p_i(y_i)"
    tasks = ("binary", "multiclass", "multilabel")
    kind: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: Annotated[float, Ge(0), Lt(1)] = 0.0
    """The share of the target's certainty that is spread evenly over all classes (Szegedy et al.,
    "Rethinking the inception architecture for computer vision", 2016)."""

    def constants(self) -> tuple[float, ...]:
        return (self.label_smoothing,)

    def kernel(self, task: TaskKind) -> Kernel:
        return _categorical_cross_entropy if task == "multiclass" else _binary_cross_entropy

    def fused_activation(self, task: TaskKind) -> Activation:
        return Softmax() if task == "multiclass" else Sigmoid()


def _binary_cross_entropy(
    z: Array,
    target: Array,
    weight: Array,
    prediction: Array,
    dz: Array,
    losses: Array,
    constants: Array,
    count: Number,
) -> None:
    """L = log(1 + e^z) - t z, and dL/dz = sigmoid(z) - t, where smoothing pulls t towards 1/2.

    Of several outputs it is the mean.
    """
    rows, outputs = z.shape
    one, half = like(z[0, 0], 1.0), like(z[0, 0], 0.5)
    share = like(z[0, 0], 1.0 / (count * outputs))
    flat, size = view(z, 0, 1, z.size), z.size
    answer, right, value = (
        view(prediction, 0, 1, size),
        view(target, 0, 1, size),
        view(dz, 0, 1, size),
    )
    # Loops over all outputs of all rows do what costs most, long also where there is one output.
    for k in range(size):
        answer[0, k] = exp_of_negative(-abs(flat[0, k]))
    for k in range(size):
        t = right[0, k] + constants[0] * (half - right[0, k])
        value[0, k] = larger(flat[0, k], one - one) - t * flat[0, k] + log_one_plus(answer[0, k])
    for i in range(rows):
        total = 0.0
        for j in range(outputs):
            total += dz[i, j]
        losses[i] = weight[i] * total / outputs
    for k in range(size):
        t = right[0, k] + constants[0] * (half - right[0, k])
        e = answer[0, k]
        answer[0, k] = (one if flat[0, k] >= 0 else e) / (one + e)
        value[0, k] = (answer[0, k] - t) * share
    for i in range(rows):
        for j in range(outputs):
            dz[i, j] *= weight[i]


def _categorical_cross_entropy(
    z: Array,
    target: Array,
    weight: Array,
    prediction: Array,
    dz: Array,
    losses: Array,
    constants: Array,
    count: Number,
) -> None:
    """L = log sum_j e^(z_j) - sum_j t_j z_j, and dL/dz = softmax(z) - t.

    t is 1 for the class whose index is the target and 0 for the others, smoothed towards even. Of
    the most probable class k it is log sum_j e^(z_j) = z_k - log p_k.
    """
    rows, classes = z.shape
    share = like(z[0, 0], 1.0 / count)
    even = constants[0] / like(z[0, 0], classes)
    certain = like(z[0, 0], 1.0) - constants[0]
    softmax_rows(z, prediction)
    for i in range(rows):
        most = prediction[i, 0]
        for j in range(1, classes):
            most = larger(most, prediction[i, j])
        losses[i] = most
    for i in range(rows):
        losses[i] = log_of_normal(losses[i])
    for i in range(rows):
        scale = weight[i] * share
        top = z[i, 0]
        for j in range(1, classes):
            top = larger(top, z[i, j])
        spread = top - top
        for j in range(classes):
            spread += z[i, j] - top
            dz[i, j] = (prediction[i, j] - even) * scale
        t = np.int64(target[i, 0])
        dz[i, t] -= certain * scale
        value = -losses[i] - certain * (z[i, t] - top) - even * spread
        losses[i] = weight[i] * value


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
    z: Array,
    target: Array,
    weight: Array,
    prediction: Array,
    dz: Array,
    losses: Array,
    count: Number,
) -> None:
    rows = z.shape[0]
    one = like(z[0, 0], 1.0)
    share = like(z[0, 0], 1.0 / count)
    for i in range(rows):
        sign = one if target[i, 0] > 0 else -one
        prediction[i, 0] = one if z[i, 0] >= 0 else one - one
        margin = one - sign * z[i, 0]
        dz[i, 0] = -sign * weight[i] * share if margin > 0 else one - one
        losses[i] = weight[i] * larger(margin, one - one)


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
    z: Array,
    target: Array,
    weight: Array,
    prediction: Array,
    dz: Array,
    losses: Array,
    count: Number,
) -> None:
    rows = z.shape[0]
    one = like(z[0, 0], 1.0)
    share = like(z[0, 0], 1.0 / count)
    for i in range(rows):
        prediction[i, 0] = one if z[i, 0] >= 0 else one - one
        wrong = prediction[i, 0] - target[i, 0]
        dz[i, 0] = wrong * weight[i] * share
        losses[i] = weight[i] * wrong * z[i, 0]
