"""Gaussian noise: blur what a layer sees, while training."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge, Le

from engine.kernels import Array, Number, put, random_normal
from engine.layers.base import Layer, Operation

__all__ = ["GaussianNoise"]


@dataclass(frozen=True, kw_only=True)
class GaussianNoise(Layer):
    """Adds normal random numbers to its inputs, in training only.

    As the first layer it augments the data; with small noise that acts like a penalty on the
    network's slope. The noise follows from the seed, the layer and the step alone.

    Source: Bishop, "Training with noise is equivalent to Tikhonov regularization", 1995.
    """

    __equation__ = r"y = x + \sigma n, \quad n \sim \mathcal{N}(0, 1)"
    kind: Literal["gaussian_noise"] = "gaussian_noise"
    deviation: Annotated[float, Ge(0), Le(1000)] = 0.1
    """The standard deviation sigma; inputs usually have a deviation of 1."""

    def operations(self, inputs: int) -> tuple[Operation, ...]:
        return (
            Operation(
                forward=add_noise,
                backward=pass_back,
                outputs=inputs,
                constants=(self.deviation,),
                in_place=True,
            ),
        )


def add_noise(
    x: Array, y: Array, constants: Array, operation_key: Number, training: Number
) -> None:
    """Blur: y = x + sigma n; outside training y = x."""
    rows, units = x.shape
    if not training:
        put(y, x)
        return
    for i in range(rows):
        for j in range(units):
            noise = random_normal(operation_key, np.uint64(i * units + j))
            y[i, j] = x[i, j] + constants[0] * x.dtype.type(noise)


def pass_back() -> None:
    """Nothing to do: dL/dx = dL/dy."""
