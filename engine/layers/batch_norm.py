"""Batch normalization: each feature at zero mean and unit variance within the mini-batch."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt, Le

from engine.kernels import Array, Number, jittable
from engine.layers.base import Layer, Operation, Statistic
from engine.layers.normalization import scale_and_shift

__all__ = ["BatchNorm"]


@dataclass(frozen=True, kw_only=True)
class BatchNorm(Layer):
    """Normalizes each feature over the mini-batch, then scales and shifts it by what is learnt.

    In training, mean and (biased) variance are those of the mini-batch; running means of both
    are kept, with the unbiased variance, and used in evaluation. A mini-batch of a single row has
    no variance: it is normalized with the running statistics, and leaves them as they are.

    Source: Ioffe, Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", 2015, algorithms 1 and 2.
    """

    __equation__ = r"y = \gamma \frac{x - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}} + \beta"
    kind: Literal["batch_norm"] = "batch_norm"
    momentum: Annotated[float, Gt(0), Le(1)] = 0.1
    """The share of the new mini-batch in the running statistics."""
    epsilon: Annotated[float, Gt(0)] = 1e-5
    """Added to the variance, for features that do not vary."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        return (
            Operation(
                forward=normalize_columns,
                backward=normalize_columns_backward,
                outputs=inputs,
                mixes_rows=True,
                state=(
                    Statistic(name="running_mean", size=inputs, start=0.0),
                    Statistic(name="running_var", size=inputs, start=1.0),
                ),
                scratch=3 * inputs + 1,
                constants=(self.momentum, self.epsilon),
            ),
            *scale_and_shift(inputs),
        )


def normalize_columns(
    x: Array, y: Array, state: Array, scratch: Array, constants: Array, training: Number
) -> None:
    """Normalize: y = (x - mean) / sqrt(variance + epsilon), column by column.

    ``state`` holds the running means, then the running variances. ``scratch`` is left with the
    inverse deviations in its second part, and with whether they come from the mini-batch at its
    end.
    """
    rows, units = x.shape
    mean, inverse = scratch[:units], scratch[units : 2 * units]
    own = training and rows > 1
    scratch[3 * units] = 1 if own else 0
    if own:
        _measure(x, mean, inverse)
        unbiased = x.dtype.type(rows / (rows - 1.0))
        for j in range(units):
            state[j] += constants[0] * (mean[j] - state[j])
            state[units + j] += constants[0] * (inverse[j] * unbiased - state[units + j])
    else:
        for j in range(units):
            mean[j], inverse[j] = state[j], state[units + j]
    for j in range(units):
        inverse[j] = x.dtype.type(1.0) / np.sqrt(inverse[j] + constants[1])
    for i in range(rows):
        for j in range(units):
            y[i, j] = (x[i, j] - mean[j]) * inverse[j]


@jittable
def _measure(x: Array, mean: Array, variance: Array) -> None:
    """Mean and biased variance of every column, in two passes."""
    rows, units = x.shape
    share = x.dtype.type(1.0 / rows)
    mean[:] = 0
    variance[:] = 0
    for i in range(rows):
        for j in range(units):
            mean[j] += x[i, j] * share
    for i in range(rows):
        for j in range(units):
            variance[j] += (x[i, j] - mean[j]) * (x[i, j] - mean[j]) * share


def normalize_columns_backward(y: Array, dy: Array, dx: Array, scratch: Array) -> None:
    """Gradient: dL/dx = (dL/dy - mean of dL/dy - y times the mean of y dL/dy) / deviation.

    With running statistics, which do not depend on x, dL/dx = dL/dy / deviation.
    """
    rows, units = dx.shape
    total, inverse, along = (
        scratch[:units],
        scratch[units : 2 * units],
        scratch[2 * units : 3 * units],
    )
    total[:] = 0
    along[:] = 0
    if scratch[3 * units] > 0:
        share = dy.dtype.type(1.0 / rows)
        for i in range(rows):
            for j in range(units):
                total[j] += dy[i, j] * share
                along[j] += dy[i, j] * y[i, j] * share
    for i in range(rows):
        for j in range(units):
            dx[i, j] = (dy[i, j] - total[j] - y[i, j] * along[j]) * inverse[j]
