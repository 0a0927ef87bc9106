"""Functions of one number that several activations are made of, safe from overflow."""

import math

import numpy as np

from engine.kernels import Number, exp_of_negative, jittable, larger, like

__all__ = ["log_one_plus_exp", "logistic", "normal_probability"]

SQRT_HALF = math.sqrt(0.5)


@jittable
def logistic(z: Number) -> Number:
    """1 / (1 + e^-z), written so that no exponential overflows."""
    one = like(z, 1.0)
    e = exp_of_negative(-abs(z))
    return (one if z >= 0 else e) / (one + e)


@jittable
def log_one_plus_exp(z: Number) -> Number:
    """log(1 + e^z), written so that no exponential overflows."""
    return larger(z, like(z, 0.0)) + np.log1p(exp_of_negative(-abs(z)))


@jittable
def normal_probability(z: Number) -> Number:
    """The probability that a standard normal number is below z."""
    half = like(z, 0.5)
    return half + half * like(z, math.erf(z * like(z, SQRT_HALF)))
