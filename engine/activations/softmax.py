"""Softmax looks at a whole row, so it brings its own kernels."""

from dataclasses import dataclass
from typing import Literal

from engine.activations.base import Activation
from engine.kernels import Array, Kernel, add_bias, exp_of_negative, jittable, larger, view

__all__ = ["Softmax", "softmax_rows"]


@dataclass(frozen=True, kw_only=True)
class Softmax(Activation):
    """A row of positive numbers that sum to 1; as an output, the probability of each class."""

    __equation__ = r"\varphi(z)_i = \frac{e^{z_i}}{\sum_j e^{z_j}}"
    kind: Literal["softmax"] = "softmax"

    @classmethod
    def kernels(cls) -> tuple[Kernel, Kernel]:
        return _softmax_forward, _softmax_backward


@jittable
def softmax_rows(z: Array, y: Array) -> None:
    """Each row y = softmax(z); its maximum is taken off first, so that nothing overflows.

    The exponentials of all rows are taken in one loop, which is long also where rows are short.
    """
    rows, units = z.shape
    for i in range(rows):
        top = z[i, 0]
        for j in range(1, units):
            top = larger(top, z[i, j])
        for j in range(units):
            y[i, j] = z[i, j] - top
    flat = view(y, 0, 1, y.size)
    for i in range(y.size):
        flat[0, i] = exp_of_negative(flat[0, i])
    for i in range(rows):
        total = y[i, 0]
        for j in range(1, units):
            total += y[i, j]
        for j in range(units):
            y[i, j] /= total


def _softmax_forward(x: Array, y: Array, theta: Array) -> None:
    add_bias(x, theta)
    softmax_rows(x, y)


def _softmax_backward(x: Array, y: Array, dy: Array) -> None:
    """dz_j = y_j (dy_j - sum_k dy_k y_k)."""
    rows, units = x.shape
    for i in range(rows):
        common = dy[i, 0] - dy[i, 0]
        for j in range(units):
            common += dy[i, j] * y[i, j]
        for j in range(units):
            dy[i, j] = y[i, j] * (dy[i, j] - common)
