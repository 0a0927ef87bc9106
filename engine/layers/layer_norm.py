"""Layer normalization: each row at zero mean and unit variance across its features."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt

from engine.kernels import Array
from engine.layers.base import Layer, Operation
from engine.layers.normalization import scale_and_shift

__all__ = ["LayerNorm"]


@dataclass(frozen=True, kw_only=True)
class LayerNorm(Layer):
    """Normalizes each row over its features, then scales and shifts by what is learnt.

    Rows do not depend on each other, so training and evaluation are the same, whatever the size
    of the mini-batch.

    Source: Ba, Kiros, Hinton, "Layer normalization", 2016.
    """

    __equation__ = r"y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta"
    kind: Literal["layer_norm"] = "layer_norm"
    epsilon: Annotated[float, Gt(0)] = 1e-5
    """Added to the variance, for rows that do not vary."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        return (
            Operation(
                forward=normalize_rows,
                backward=normalize_rows_backward,
                outputs=inputs,
                row_scratch=1,
                constants=(self.epsilon,),
                mixes_features=True,
            ),
            *scale_and_shift(inputs),
        )


def normalize_rows(x: Array, y: Array, scratch: Array, constants: Array) -> None:
    """Normalize: y = (x - mean) / sqrt(variance + epsilon), the inverse root kept for each row."""
    rows, units = x.shape
    share = x.dtype.type(1.0 / units)
    for i in range(rows):
        mean = share - share
        for j in range(units):
            mean += x[i, j] * share
        variance = share - share
        for j in range(units):
            variance += (x[i, j] - mean) * (x[i, j] - mean) * share
        scratch[i] = x.dtype.type(1.0) / np.sqrt(variance + constants[0])
        for j in range(units):
            y[i, j] = (x[i, j] - mean) * scratch[i]


def normalize_rows_backward(y: Array, dy: Array, dx: Array, scratch: Array) -> None:
    """Gradient: dL/dx = (dL/dy - mean of dL/dy - y times the mean of y dL/dy) / deviation."""
    rows, units = dx.shape
    share = dy.dtype.type(1.0 / units)
    for i in range(rows):
        total = share - share
        along = share - share
        for j in range(units):
            total += dy[i, j] * share
            along += dy[i, j] * y[i, j] * share
        for j in range(units):
            dx[i, j] = (dy[i, j] - total - y[i, j] * along) * scratch[i]
