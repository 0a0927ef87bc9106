"""The order of an epoch: every row once, all orders alike, the same one for the same key."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from engine.data.permutation import permutation
from engine.randomness import Purpose, key
from tests.engine.memory import peak_bytes

KEY = key(7, Purpose.SHUFFLE)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000, 65_537])
def test_every_row_comes_once(count: int) -> None:
    order = permutation(count, KEY)
    assert order.dtype == np.uint32
    np.testing.assert_array_equal(np.sort(order), np.arange(count))


def test_an_order_follows_from_its_key_and_number() -> None:
    orders = [permutation(50, KEY, number).tolist() for number in range(20)]
    assert orders == [permutation(50, KEY, number).tolist() for number in range(20)]
    orders += [permutation(50, key(8, Purpose.SHUFFLE), number).tolist() for number in range(20)]
    assert len(set(map(tuple, orders))) == 40


def test_it_is_the_shuffle_of_fisher_and_yates() -> None:
    """By hand, with SplitMix64 in whole numbers of Python."""
    mask = (1 << 64) - 1

    def bits(draw: int, counter: int) -> int:
        mixed = (draw + (counter + 1) * 0x9E3779B97F4A7C15) & mask
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 & mask
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB & mask
        return mixed ^ (mixed >> 31)

    expected = list(range(1000))
    draw = bits(int(KEY), 3)
    for k in range(999, 0, -1):
        chosen = (bits(draw, k) >> 11) * (k + 1) >> 53
        expected[k], expected[chosen] = expected[chosen], expected[k]
    assert permutation(1000, KEY, 3).tolist() == expected


def test_all_orders_of_four_come_equally_often() -> None:
    seen = Counter(tuple(permutation(4, KEY, number).tolist()) for number in range(24_000))
    assert set(seen) == set(permutations(range(4)))
    assert chisquare(list(seen.values())).pvalue > 0.001


def test_every_row_comes_to_every_place() -> None:
    """Over many epochs, rows and places have nothing to do with each other."""
    places = np.zeros((16, 16))
    for number in range(8000):
        places[np.arange(16), permutation(16, KEY, number)] += 1
    assert chisquare(places.ravel()).pvalue > 0.001


def test_a_permutation_takes_four_bytes_a_row() -> None:
    count = 1_000_000
    permutation(10, KEY)  # compiled beforehand
    assert peak_bytes(lambda: permutation(count, KEY)) < 5 * count
