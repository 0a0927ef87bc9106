"""The order of the rows in an epoch: numbers, so that no row has to be moved.

Every number of a shuffle is drawn by its place from a key, as all noise inside compiled code is. So
an epoch's order needs no generator to be set up, which would cost a tiny network a tenth of its
epoch, and takes 4 bytes a row.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.kernels import Array, Number, compiled, random_bits, random_uniform

__all__ = ["permutation", "shuffle"]


def permutation(count: int, key: np.uint64, number: int = 0) -> NDArray[np.uint32]:
    """The numbers below ``count`` in a random order: one of the many that a key stands for."""
    order = np.empty(count, np.uint32)
    shuffle(order, key, np.uint64(number))
    return order


@compiled
def shuffle(order: Array, key: Number, number: Number) -> None:
    """Fill in all numbers; swap each, from the last one down, with a random one up to itself.

    A place is drawn as floor(u (k + 1)) with 53 random bits in u: no order is more probable than
    another by more than rounding.

    Source: Durstenfeld, "Algorithm 235: random permutation", 1964.
    """
    for k in range(order.size):
        order[k] = k
    shuffle_key = random_bits(key, number)
    for k in range(order.size - 1, 0, -1):
        place = np.uint64(k)
        uniform = random_uniform(shuffle_key, place)
        chosen = np.uint64(np.int64(uniform * np.float64(k + 1)))
        order[place], order[chosen] = order[chosen], order[place]
