"""Logarithms without branches, so that the compiler works on several numbers at a time.

Both are log((1 + s) / (1 - s)) = 2 (s + s^3/3 + s^5/5 + ...), the series of 2 artanh s, with as
many terms as the precision has digits for. They are right to about two units in the last place.

Source: Abramowitz, Stegun, "Handbook of mathematical functions", 1964, 4.1.27.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, overload

from engine.compiler.arrays import Number, like
from engine.compiler.exponentials import LN2_HIGH, LN2_LOW, power_of_two
from engine.compiler.jit import COMPILED, Kernel, jittable

__all__ = ["log_of_normal", "log_one_plus"]

ROOT_OF_HALF = 0.7071067811865476


def _exponent(typing_context: Any, x: Any) -> Any:
    """The whole number k with 2^k sqrt(1/2) <= x < 2^k sqrt(2), read from the bits of x."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        least = context.get_constant(types.int64, int(np.float64(ROOT_OF_HALF).view(np.int64)))
        bits = builder.bitcast(values[0], context.get_value_type(types.int64))
        above = builder.sub(bits, least)
        return builder.ashr(above, context.get_constant(types.int64, 52))

    return types.int64(types.float64), generate


exponent: Kernel
if COMPILED:
    exponent = intrinsic(_exponent)
else:

    def exponent(x: Number) -> Number:
        """The whole number k with 2^k sqrt(1/2) <= x < 2^k sqrt(2)."""
        mantissa, above = np.frexp(x)
        return np.int64(above - (mantissa < ROOT_OF_HALF))


def _rest(square: Number) -> Number:
    """The series (artanh s - s) / s^3 in powers of s^2, for s^2 up to 1/9."""
    return _long_rest(square) if np.dtype(type(square)).itemsize == 8 else _short_rest(square)


@overload(_rest, inline="always")
def _rest_compiled(square: Number) -> Number:
    return _long_rest if square == types.float64 else _short_rest


def _short_rest(square: Number) -> Number:
    return _last_terms(like(square, 1 / 17), square)


def _long_rest(square: Number) -> Number:
    rest = like(square, 1 / 33)
    rest = rest * square + like(square, 1 / 31)
    rest = rest * square + like(square, 1 / 29)
    rest = rest * square + like(square, 1 / 27)
    rest = rest * square + like(square, 1 / 25)
    rest = rest * square + like(square, 1 / 23)
    rest = rest * square + like(square, 1 / 21)
    rest = rest * square + like(square, 1 / 19)
    return _last_terms(rest * square + like(square, 1 / 17), square)


@jittable
def _last_terms(rest: Number, square: Number) -> Number:
    """The terms of the artanh series from s^17 / 17 down to s^3 / 3, for both precisions."""
    rest = rest * square + like(square, 1 / 15)
    rest = rest * square + like(square, 1 / 13)
    rest = rest * square + like(square, 1 / 11)
    rest = rest * square + like(square, 1 / 9)
    rest = rest * square + like(square, 1 / 7)
    rest = rest * square + like(square, 1 / 5)
    return rest * square + like(square, 1 / 3)


@jittable
def _twice_artanh(s: Number) -> Number:
    square = s * s
    return like(s, 2.0) * (s + s * square * _rest(square))


@jittable
def log_one_plus(x: Number) -> Number:
    """The logarithm of 1 + x for x from 0 to 1, also right where x is next to 0; NaN stays NaN."""
    return _twice_artanh(x / (like(x, 2.0) + x))


@jittable
def log_of_normal(x: float) -> float:
    """The logarithm of a normal number above 0, in double precision; NaN stays NaN."""
    k = exponent(x)
    m = x * power_of_two(-k, x)
    log: float = k * LN2_HIGH + (_twice_artanh((m - 1.0) / (m + 1.0)) + k * LN2_LOW)
    return log
