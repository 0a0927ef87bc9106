"""Losses: what is minimised, value and gradient side by side.

A regression loss writes two scalar functions of one prediction y and its target t::

    value(y, t, alpha)       its part of L
    gradient(y, t, alpha)    dL/dy

and the kernel that averages them over outputs and rows is made from them. Cross-entropy looks at
a whole row and contains the output activation (sigmoid or softmax): together they are stable for
any weighted sum, and their gradient is just prediction - target.
"""

from engine.losses.base import Loss, TaskKind
from engine.losses.classification import CrossEntropy, Hinge, PerceptronRule
from engine.losses.regression import (
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanSquaredError,
    Poisson,
    Quantile,
)

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
