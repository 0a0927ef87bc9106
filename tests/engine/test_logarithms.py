"""Logarithms of the engine's own, held against those of NumPy in the longest precision there is."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.compiler.logarithms import log_of_normal, log_one_plus
from engine.kernels import compiled


@compiled
def every_log_one_plus(x: NDArray[np.floating], y: NDArray[np.floating]) -> None:
    for i in range(x.size):
        y[i] = log_one_plus(x[i])


@compiled
def every_log(x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
    for i in range(x.size):
        y[i] = log_of_normal(x[i])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_log_one_plus_is_right_to_two_units_in_the_last_place(dtype: type) -> None:
    small = np.logspace(-30, 0, 20_001)
    x: NDArray[Any] = np.concatenate([[0.0], small, np.linspace(0, 1, 20_001)]).astype(dtype)
    y = np.empty_like(x)
    every_log_one_plus(x, y)
    right = np.log1p(x.astype(np.longdouble))
    assert np.all(np.abs(y - right) <= 2 * np.spacing(right.astype(dtype)))


def test_log_is_right_to_two_units_in_the_last_place() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [
            np.exp(rng.uniform(-700, 700, 50_000)),
            rng.uniform(0.5, 2, 50_000),
            2.0 ** np.arange(-9, 9),
        ]
    )
    y = np.empty_like(x)
    every_log(x, y)
    right = np.log(x.astype(np.longdouble))
    near_one = np.abs(x - 1) < 0.5  # there the logarithm is small, and so are its units
    error = np.abs(y - right)
    assert np.all(error[near_one] <= 4 * np.spacing(np.abs(right[near_one]).astype(np.float64)))
    assert np.all(error[~near_one] <= 2 * np.spacing(np.abs(right[~near_one]).astype(np.float64)))


def test_what_is_not_a_number_stays_so() -> None:
    x, y = np.array([np.nan, 0.5]), np.empty(2)
    every_log(x, y)
    assert np.isnan(y[0])
    every_log_one_plus(x, y)
    assert np.isnan(y[0])
    assert np.isclose(y[1], np.log(1.5), rtol=1e-15)
