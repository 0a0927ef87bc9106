"""Dropout: switch off random inputs while training."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Lt

from engine.kernels import Array, Number, put, random_bits, view
from engine.layers.base import Layer, Operation

__all__ = ["Dropout"]


@dataclass(frozen=True, kw_only=True)
class Dropout(Layer):
    """Sets each number to zero with a given probability, in training only.

    The numbers that are kept are divided by 1 - rate (inverted dropout), so that a prediction
    needs no correction. As the first layer it drops inputs. The mask follows from the seed, the
    layer and the step alone.

    Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from
    overfitting", 2014.
    """

    __equation__ = r"y = \frac{m \odot x}{1 - p}, \quad m_i \sim \operatorname{Bernoulli}(1 - p)"
    kind: Literal["dropout"] = "dropout"
    rate: Annotated[float, Ge(0), Lt(1)] = 0.5
    """The probability p of being dropped."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        return (
            Operation(
                forward=dropout,
                backward=dropout_backward,
                outputs=inputs,
                row_scratch=inputs,
                constants=(self.rate, 1.0 / (1.0 - self.rate)),
            ),
        )


def dropout(
    x: Array, y: Array, scratch: Array, constants: Array, operation_key: Number, training: Number
) -> None:
    """Drop: y = m x / (1 - p), the factors kept in ``scratch``; outside training they are 1."""
    rows, units = x.shape
    if not training:
        put(y, x)
        scratch[: rows * units] = 1
        return
    threshold = np.uint64(np.float64(constants[0]) * 18446744073709551616.0)
    mask = view(scratch, 0, rows, units)
    for i in range(rows):
        first = np.uint64(i * units)
        for j in range(units):
            kept = random_bits(operation_key, first + np.uint64(j)) >= threshold
            mask[i, j] = constants[1] if kept else 0
            y[i, j] = x[i, j] * mask[i, j]


def dropout_backward(dy: Array, dx: Array, scratch: Array) -> None:
    """dL/dx = m dL/dy / (1 - p)."""
    rows, units = dx.shape
    mask = view(scratch, 0, rows, units)
    for i in range(rows):
        for j in range(units):
            dx[i, j] = dy[i, j] * mask[i, j]
