"""Gradient clipping: a limit for what one step can do, before the optimizer sees the gradient."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from annotated_types import Gt

from engine.kernels import Array, Kernel
from engine.spec import Spec

__all__ = ["ClipNorm", "ClipValue", "Clipping"]


@dataclass(frozen=True, kw_only=True)
class Clipping(Spec, family="clipping"):
    """A limit for the gradient, penalties included."""

    limit: Annotated[float, Gt(0)] = 1.0
    """The greatest size allowed."""

    def constants(self) -> tuple[float, ...]:
        """The numbers that the kernel gets as ``constants``."""
        return (self.limit,)

    def kernel(self) -> Kernel:
        """The kernel that changes the gradient (``transform_gradient`` in ``kernels.py``)."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class ClipNorm(Clipping):
    """Shortens the whole gradient to a given length, and keeps its direction.

    Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks",
    2013.
    """

    __equation__ = r"g \leftarrow g \min\left(1, \frac{c}{\lVert g \rVert_2}\right)"
    kind: Literal["norm"] = "norm"

    def kernel(self) -> Kernel:
        return clip_norm


def clip_norm(theta: Array, gradient: Array, constants: Array) -> None:
    """Shorten the gradient where its length is more than c."""
    square = 0.0
    for i in range(gradient.size):
        square += np.float64(gradient[i]) * np.float64(gradient[i])
    if square > np.float64(constants[0]) * np.float64(constants[0]):
        factor = theta.dtype.type(constants[0] / np.sqrt(square))
        for i in range(gradient.size):
            gradient[i] *= factor


@dataclass(frozen=True, kw_only=True)
class ClipValue(Clipping):
    """Cuts every component of the gradient to a range."""

    __equation__ = r"g_i \leftarrow \min(c, \max(-c, g_i))"
    kind: Literal["value"] = "value"

    def kernel(self) -> Kernel:
        return clip_value


def clip_value(gradient: Array, constants: Array) -> None:
    """Cut every component to [-c, c]."""
    for i in range(gradient.size):
        gradient[i] = min(constants[0], max(-constants[0], gradient[i]))
