"""Exponentials that the compiler can vectorise, against those of NumPy in extended precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.compiler.exponentials import exp_minus_one, exp_of_negative, hyperbolic_tangent
from engine.kernels import compiled

PRECISIONS: list[Any] = [np.float32, np.float64]
UNITS = 3.0
"""In the last place."""


@compiled
def all_exp_minus_one(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = exp_minus_one(x[i])


@compiled
def all_exp(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = exp_of_negative(x[i])


@compiled
def all_tanh(x: Any, y: Any) -> None:
    for i in range(x.size):
        y[i] = hyperbolic_tangent(x[i])


def samples(precision: Any) -> np.ndarray[Any, Any]:
    """Of every size down to the smallest normal numbers, and around multiples of ln 2 / 2."""
    random = np.random.default_rng(0)
    tiny = np.finfo(precision).tiny
    sizes = np.exp(random.uniform(np.log(tiny), np.log(79.0), 100_000))
    seams = np.arange(1, 220) * np.log(2) / 2
    around = [seams * (1 + shift) for shift in (-1e-6, 0.0, 1e-6)]
    return np.concatenate([sizes, *around, np.linspace(0, 3, 10_001)[1:]]).astype(precision)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_exp_minus_one_is_right_to_the_last_places(precision: Any) -> None:
    x = -samples(precision)
    y = np.empty_like(x)
    all_exp_minus_one(x, y)
    exact = np.expm1(x.astype(np.longdouble))
    assert (abs(y - exact) <= UNITS * np.spacing(abs(exact.astype(precision)))).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_exp_is_right_to_the_last_places_down_to_nothing(precision: Any) -> None:
    x = -np.concatenate([samples(precision), np.linspace(80, 800, 10_001).astype(precision)])
    y = np.empty_like(x)
    all_exp(x, y)
    exact = np.exp(x.astype(np.longdouble))
    # What is left of numbers that are not normal any more is nothing.
    units = np.maximum(np.spacing(exact.astype(precision)), np.finfo(precision).tiny / 2**20)
    normal = exact > 3 * np.finfo(precision).tiny
    assert (abs(y - exact)[normal] <= UNITS * units[normal]).all()
    assert (y[~normal] <= 3 * np.finfo(precision).tiny).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_tanh_is_right_to_the_last_places_and_odd(precision: Any) -> None:
    x = samples(precision)
    y, mirrored = np.empty_like(x), np.empty_like(x)
    all_tanh(x, y)
    all_tanh(-x, mirrored)
    np.testing.assert_array_equal(mirrored, -y)
    exact = np.tanh(x.astype(np.longdouble))
    assert (abs(y - exact) <= UNITS * np.spacing(exact.astype(precision))).all()
    assert (y <= 1).all()


@pytest.mark.parametrize("precision", PRECISIONS)
def test_at_the_ends(precision: Any) -> None:
    x = np.array([0.0, np.inf, -np.inf, 1e30, -1e30, np.nan], precision)
    y = np.empty_like(x)
    all_tanh(x, y)
    assert y[:5].tolist() == [0, 1, -1, 1, -1]
    assert np.isnan(y[5])
    low = np.array([0.0, -np.inf, -1e30, np.nan], precision)
    all_exp_minus_one(low, y[:4])
    assert y[:3].tolist() == [0, -1, -1]
    assert np.isnan(y[3])
    all_exp(low, y[:4])
    assert y[:3].tolist() == [1, 0, 0]
    assert np.isnan(y[3])
