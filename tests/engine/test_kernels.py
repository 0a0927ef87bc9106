"""Kernels name what they read: as few arguments of their type as they need, in any order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.kernels import Array, Number, call, compiled, kernel_of, pointers

FLOAT64 = np.dtype("float64")


def by_name(constants: Array, dx: Array, dy: Array) -> None:
    """Three arguments of the nine that a backward kernel is called with, in an order of its own."""
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = constants[0] * dy[i, j] + constants[1]


def every_one(
    x: Array,
    y: Array,
    dy: Array,
    dx: Array,
    theta: Array,
    state: Array,
    scratch: Array,
    constants: Array,
    operation_key: Number,
) -> None:
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dx[i, j] = constants[0] * dy[i, j] + constants[1]


def with_locals(dy: Array, dx: Array) -> None:
    """Local variables with the names of arguments that it does not take, of other types."""
    x = 0
    for i in range(dy.shape[0]):
        if i:
            scratch = 1.5
            x += 1
        else:
            scratch = -1.0
        y = x + scratch
        for theta in range(dy.shape[1]):
            dx[i, theta] = y * dy[i, theta]


def nothing() -> None:
    """A kernel that reads none of them."""


KERNELS: dict[str, tuple[Callable[..., None], list[list[float]]]] = {
    "some": (by_name, [[5.0, 7.0], [9.0, 11.0]]),
    "all": (every_one, [[5.0, 7.0], [9.0, 11.0]]),
    "locals": (with_locals, [[-1.0, -2.0], [7.5, 10.0]]),
    "none": (nothing, [[0.0, 0.0], [0.0, 0.0]]),
}


@compiled
def call_backward(
    address: Any, dy: Array, dx: Array, numbers: Array, constants: Array, key: Number
) -> None:
    call("backward", address, dy, dy, dy, dx, numbers, numbers, numbers, constants, key)


def result(function: Callable[..., None]) -> list[list[float]]:
    """What a backward kernel makes of dy = [[1, 2], [3, 4]] with the constants 2 and 3."""
    dy, dx = np.array([[1.0, 2.0], [3.0, 4.0]]), np.zeros((2, 2))
    (address,) = pointers("backward", FLOAT64, [function])
    call_backward(address, dy, dx, np.zeros(1), np.array([2.0, 3.0]), np.uint64(0))
    found: list[list[float]] = dx.tolist()
    return found


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_reads_what_it_names(name: str) -> None:
    function, expected = KERNELS[name]
    assert result(function) == expected


def test_plain_numpy_calls_them_alike() -> None:
    code = (
        "import json; from tests.engine import test_kernels as t\n"
        "print(json.dumps({name: t.result(function) for name, (function, _) in t.KERNELS.items()}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert json.loads(run.stdout) == {name: expected for name, (_, expected) in KERNELS.items()}


def misspelt(dy: Array, dx: Array, constant: Array) -> None:
    dx[0, 0] = constant[0] * dy[0, 0]


def test_an_unknown_argument_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match=r"misspelt.*backward.*'constant'.*dy.*constants"):
        kernel_of("backward", misspelt)
    with pytest.raises(TypeError, match=r"by_name.*forward.*'dx'"):
        kernel_of("forward", by_name)
