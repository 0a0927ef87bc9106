"""The order of an epoch: NumPy's own permutation, in half the memory."""

from __future__ import annotations

import numpy as np
import pytest

from engine.order import epoch_order, permutation
from engine.randomness import Purpose, stream
from tests.engine.memory import peak_bytes


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 8191, 8192, 8193, 65_536, 65_537, 200_000])
def test_a_permutation_is_that_of_numpy(count: int) -> None:
    for seed in range(3):
        ours = permutation(np.random.default_rng(seed), count)
        assert ours.dtype == np.uint32
        np.testing.assert_array_equal(ours, np.random.default_rng(seed).permutation(count))


def test_an_epoch_has_a_stream_of_its_own() -> None:
    for epoch in range(3):
        expected = stream(7, Purpose.SHUFFLE, epoch).permutation(10_000)
        np.testing.assert_array_equal(epoch_order(7, epoch, 10_000, shuffle=True), expected)


def test_unshuffled_rows_come_as_they_are() -> None:
    assert epoch_order(7, 3, 4, shuffle=False).tolist() == [0, 1, 2, 3]


def test_a_permutation_takes_four_bytes_a_row() -> None:
    count = 1_000_000
    permutation(np.random.default_rng(0), 10_000)  # compiled beforehand
    assert peak_bytes(lambda: permutation(np.random.default_rng(0), count)) < 5 * count
