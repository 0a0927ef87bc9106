"""Exponentials without branches, so that the compiler works on several numbers at a time.

The library's functions take one number after the other. These reduce the argument to a small
rest, x = k ln 2 + r, and sum a few terms of the series in r: products and sums, nothing else. They
are right to about two units in the last place.

Source: Tang, "Table-driven implementation of the expm1 function in IEEE floating-point
arithmetic", 1992 (its reduction of the argument); Cody, Waite, "Software manual for the elementary
functions", 1980 (ln 2 in two parts).
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic, lower_builtin, overload, type_callable

from engine.compiler.arrays import Number, larger, like
from engine.compiler.jit import COMPILED, Kernel, jittable

__all__ = ["exp_minus_one", "exp_of_negative", "hyperbolic_tangent"]

LOWEST = -80.0
"""Below this x, e^x is nothing beside 1, in single and in double precision."""
MIN_EXPONENT = {4: -87.0, 8: -708.0}
"""By the bytes of a number: the least x for which e^x is a normal number."""
INVERSE_LN2 = 1.4426950408889634
LN2_HIGH = 0.693145751953125
"""ln 2 in so few bits that its products with whole numbers are exact."""
LN2_LOW = 1.4286068203094172e-06
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1 / factorial(n) for n in range(2, 14))
"""The coefficients of e^r from r^2 on."""


def _power_of_two(typing_context: Any, exponent: Any, example: Any) -> Any:
    """2^exponent for a whole number, in the precision of an example: written into the bits."""
    whole, bias, mantissa = {
        types.float32: (types.int32, 127, 23),
        types.float64: (types.int64, 1023, 52),
    }[example]

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        number = context.cast(builder, values[0], signature.args[0], whole)
        biased = builder.add(number, context.get_constant(whole, bias))
        shifted = builder.shl(biased, context.get_constant(whole, mantissa))
        return builder.bitcast(shifted, context.get_value_type(example))

    return example(exponent, example), generate


def _product_taken_off(typing_context: Any, x: Any, factor: Any, other: Any) -> Any:
    """The difference x - factor other, rounded once, which the compiler may not rearrange."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        number, one, another = values
        return builder.fma(builder.fneg(one), another, number)

    return x(x, x, x), generate


power_of_two: Kernel
product_taken_off: Kernel
if COMPILED:
    power_of_two = intrinsic(_power_of_two)
    product_taken_off = intrinsic(_product_taken_off)
else:

    def product_taken_off(x: Number, factor: Number, other: Number) -> Number:
        """The difference x - factor other."""
        return x - factor * other

    def power_of_two(exponent: Number, example: Number) -> Number:
        """2^exponent in the precision of an example."""
        return like(example, 2.0**exponent)


def _least_exponent(example: Number) -> Number:
    """The x of the smallest normal number e^x, in the precision of an example."""
    return like(example, MIN_EXPONENT[np.dtype(type(example)).itemsize])


def _series(r: Number) -> Number:
    """The series (e^r - 1 - r) / r^2, with as many terms as the precision of r has digits for."""
    return _long_series(r) if np.dtype(type(r)).itemsize == 8 else _short_series(r)


@type_callable(_least_exponent)
def _type_least_exponent(_context: Any) -> Any:
    return lambda example: example


@lower_builtin(_least_exponent, types.Float)
def _lower_least_exponent(context: Any, _builder: Any, signature: Any, _values: Any) -> Any:
    kind = signature.return_type
    return context.get_constant(kind, MIN_EXPONENT[kind.bitwidth // 8])


@overload(_series, inline="always")
def _series_compiled(r: Number) -> Number:
    return _long_series if r == types.float64 else _short_series


def _short_series(r: Number) -> Number:
    series = like(r, C7)
    series = series * r + like(r, C6)
    series = series * r + like(r, C5)
    series = series * r + like(r, C4)
    series = series * r + like(r, C3)
    return series * r + like(r, C2)


def _long_series(r: Number) -> Number:
    series = like(r, C13)
    series = series * r + like(r, C12)
    series = series * r + like(r, C11)
    series = series * r + like(r, C10)
    series = series * r + like(r, C9)
    series = series * r + like(r, C8)
    series = series * r + like(r, C7)
    series = series * r + like(r, C6)
    series = series * r + like(r, C5)
    series = series * r + like(r, C4)
    series = series * r + like(r, C3)
    return series * r + like(r, C2)


@jittable
def _parts(x: Number) -> tuple[Number, Number]:
    """2^k, and e^r - 1, where x = k ln 2 + r."""
    k = np.rint(x * like(x, INVERSE_LN2))
    r = product_taken_off(x, k, like(x, LN2_HIGH))
    r = product_taken_off(r, k, like(x, LN2_LOW))
    return power_of_two(np.int32(k), x), _series(r) * r * r + r


@jittable
def exp_minus_one(x: Number) -> Number:
    """e^x - 1 for x <= 0, also right where x is next to 0; NaN stays NaN."""
    scale, series = _parts(larger(x, like(x, LOWEST)))
    return scale * series + (scale - like(x, 1.0))


@jittable
def exp_of_negative(x: Number) -> Number:
    """e^x for x <= 0, and 0 where that is smaller than every normal number; NaN stays NaN."""
    least = _least_exponent(x)
    scale, series = _parts(larger(x, least))
    # The order matters: a comparison with NaN is false.
    return like(x, 0.0) if x < least else scale + scale * series


@jittable
def hyperbolic_tangent(z: Number) -> Number:
    """Tanh z = (1 - e^(-2|z|)) / (1 + e^(-2|z|)), with the sign of z."""
    two = like(z, 2.0)
    e = exp_minus_one(-two * abs(z))
    h = -e / (two + e)
    return h if z >= 0 else -h
