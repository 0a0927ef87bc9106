"""The limit: only the matrix products of an epoch, into arrays that are there already.

Forward h W^T, backward delta^T h and, but for the first layer, delta W.
"""

from collections.abc import Iterator
from itertools import pairwise
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.contestants.base import Epoch
from benchmarks.handed import Handed

Product = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
"""Two factors, and where their product goes."""


def products(widths: tuple[int, ...], rows: int, dtype: str) -> list[Product]:
    """Those of one mini-batch."""
    random = np.random.default_rng(0)

    def filled(*shape: int) -> NDArray[Any]:
        return random.standard_normal(shape).astype(dtype)

    made: list[Product] = []
    for index, (inputs, outputs) in enumerate(pairwise(widths)):
        weight, h, delta = filled(outputs, inputs), filled(rows, inputs), filled(rows, outputs)
        made.append((h, weight.T, np.empty((rows, outputs), dtype)))
        made.append((delta.T, h, np.empty((outputs, inputs), dtype)))
        if index > 0:
            made.append((delta, weight, np.empty((rows, inputs), dtype)))
    return made


class MatrixProducts:
    """As many mini-batches as an epoch has, the last, smaller one included."""

    def __init__(self, handed: Handed) -> None:
        case, shape = handed.case, handed.case.shape
        whole, rest = divmod(shape.rows, shape.batch_size)
        batch = products(shape.widths, shape.batch_size, case.precision)
        last = products(shape.widths, rest, case.precision) if rest else []
        self._products = batch * whole + last

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:  # noqa: ARG002 - no rows, no order
        while True:
            start = perf_counter()
            for left, right, product in self._products:
                np.dot(left, right, out=product)
            yield Epoch(perf_counter() - start, None)


TRAINER = MatrixProducts
