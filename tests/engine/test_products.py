"""Matrix products: right for every size, and the same bits however they are cut."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from engine.compiler.matmul import SLACK, matmul_nn, matmul_nt, matmul_tn, workspace
from engine.compiler.tiles import TILE_ROWS, VECTOR_BYTES
from engine.kernels import compiled

Matrix = NDArray[Any]


@compiled
def product(  # noqa: PLR0917 - compiled functions take no keywords
    a: Matrix, b: Matrix, y: Matrix, memory: Matrix, first: int, last: int
) -> None:
    matmul_nn(a, b, y, memory, first, last)


@compiled
def product_across(  # noqa: PLR0917 - as above
    a: Matrix, b: Matrix, y: Matrix, memory: Matrix, first: int, last: int
) -> None:
    matmul_nt(a, b, y, memory, first, last)


@compiled
def product_of_columns(  # noqa: PLR0917 - as above
    a: Matrix, b: Matrix, y: Matrix, memory: Matrix, first: int, last: int
) -> None:
    matmul_tn(a, b, y, memory, first, last)


def followed(values: Matrix) -> Matrix:
    """A copy, behind which lies what must never have an effect."""
    memory = np.full(values.size + SLACK, np.nan, values.dtype)
    memory[: values.size] = values.ravel()
    return memory[: values.size].reshape(values.shape)


def empty(rows: int, columns: int, dtype: type) -> Matrix:
    return followed(np.full((rows, columns), np.nan, dtype))


def multiply(way: str, a: Matrix, b: Matrix) -> Matrix:
    """The product a b, of factors that lie as one of the three ways wants them."""
    (rows, depth), columns = a.shape, b.shape[1]
    memory = np.full(workspace(max(rows, columns), max(depth, columns)), np.nan, a.dtype)
    y = empty(rows, columns, a.dtype.type)
    if way == "times":
        product(followed(a), followed(b), y, memory, 0, columns)
    elif way == "times_transposed":
        product_across(followed(a), followed(np.ascontiguousarray(b.T)), y, memory, 0, columns)
    else:
        across = followed(np.ascontiguousarray(a.T))
        product_of_columns(across, followed(b), y, memory, 0, rows)
    return y


def factors(rows: int, depth: int, columns: int, dtype: type) -> tuple[Matrix, Matrix]:
    random = np.random.default_rng(rows * 10_000 + depth * 100 + columns)
    a, b = random.standard_normal((rows, depth)), random.standard_normal((depth, columns))
    return a.astype(dtype), b.astype(dtype)


WAYS = ["times", "times_transposed", "transposed_times"]
LANES = VECTOR_BYTES // 4
SIZES = [
    (1, 1, 1),
    (1, 7, 1),
    (TILE_ROWS, 1, 2 * LANES),
    (TILE_ROWS + 1, 3, 2 * LANES + 1),
    (5, 2, LANES),
    (32, 300, 10),
    (33, 64, 65),
    (100, 257, 40),
    (97, 513, 97),
    (200, 600, 130),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_a_product_is_that_of_numpy(way: str, dtype: type, size: tuple[int, int, int]) -> None:
    a, b = factors(*size, dtype)
    exact = a.astype(np.longdouble) @ b.astype(np.longdouble)
    bound = np.abs(a).astype(np.longdouble) @ np.abs(b).astype(np.longdouble)
    error = np.abs(multiply(way, a, b) - exact)
    assert (error <= size[1] * np.finfo(dtype).eps * bound).all()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(WAYS),
    st.integers(1, 70),
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from([np.float32, np.float64]),
)
def test_whole_numbers_multiply_exactly(
    way: str, rows: int, depth: int, columns: int, dtype: type
) -> None:
    random = np.random.default_rng(rows + 100 * depth + 10_000 * columns)
    a: Matrix = random.integers(-9, 10, (rows, depth)).astype(dtype)
    b: Matrix = random.integers(-9, 10, (depth, columns)).astype(dtype)
    assert np.array_equal(multiply(way, a, b), a @ b)


@pytest.mark.parametrize("way", ["times", "times_transposed"])
@pytest.mark.parametrize("size", [(64, 128, 48), (77, 300, 33), (150, 40, 2)])
def test_a_row_does_not_depend_on_those_beside_it(way: str, size: tuple[int, int, int]) -> None:
    a, b = factors(*size, np.float32)
    whole = multiply(way, a, b)
    for cut in (1, 5, 13, 50):
        parts = [multiply(way, a[:cut], b), multiply(way, a[cut:], b)]
        assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize("size", [(50, 20, 30), (77, 300, 33), (140, 70, 80)])
def test_a_part_of_the_rows_leaves_the_others_alone(size: tuple[int, int, int]) -> None:
    a, b = factors(*size, np.float32)
    memory = np.zeros(workspace(size[0], size[2]), np.float32)
    whole, part = multiply("transposed_times", a, b), np.zeros_like(a @ b)
    across, below = followed(np.ascontiguousarray(a.T)), followed(b)
    for first, last in ((11, 29), (29, 30)):
        product_of_columns(across, below, part, memory, first, last)
    assert np.array_equal(part[11:30], whole[11:30])
    assert not part[:11].any()
    assert not part[30:].any()


@pytest.mark.parametrize(
    "size", [(50, 20, 30), (33, 300, 77), (33, 800, 77), (140, 70, 80), (20, 9, 30), (20, 1, 30)]
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_part_of_the_columns_leaves_the_others_alone(
    size: tuple[int, int, int], dtype: type
) -> None:
    a, b = factors(*size, dtype)
    memory: Matrix = np.zeros(workspace(max(size), max(size)), dtype)
    above, below, across = followed(a), followed(b), followed(np.ascontiguousarray(b.T))
    for way, product_of_some, other in (
        ("times", product, below),
        ("times_transposed", product_across, across),
    ):
        whole, part = multiply(way, a, b), followed(np.zeros_like(a @ b))
        for first, last in ((11, 28), (28, 28), (28, 29)):
            product_of_some(above, other, part, memory, first, last)
        assert np.array_equal(part[:, 11:29], whole[:, 11:29])
        assert not part[:, :11].any()
        assert not part[:, 29:].any()


@pytest.mark.parametrize("way", ["times_transposed", "transposed_times"])
def test_of_one_unit_only_who_has_it_computes(way: str) -> None:
    """The others of a team have the share from 0 to 0."""
    a, b = factors(1, 40, 30, np.float32)
    if way == "times_transposed":
        one, other, of_some = followed(b.T), followed(a), product_across
        whole = multiply(way, b.T, a.T)
    else:
        one, other, of_some = followed(a.T), followed(b), product_of_columns
        whole = multiply(way, a, b)
    memory = np.zeros(workspace(40, 40), np.float32)
    part = followed(np.full_like(whole, 7))
    of_some(one, other, part, memory, 0, 0)
    assert (part == 7).all()
    of_some(one, other, part, memory, 0, 1)
    assert np.array_equal(part, whole)


def test_rows_do_not_depend_on_each_other_on_a_processor_that_has_nothing_special() -> None:
    """There the compiler could take freedoms with products and sums that it writes apart."""
    tests = "depend_on_those_beside_it or leaves_the_others_alone"
    plain = os.environ | {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    command = [sys.executable, "-m", "pytest", "-q", __file__, "-k", tests]
    run = subprocess.run(command, env=plain, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_what_would_allocate_does_not_compile() -> None:
    allocating: list[Callable[[Matrix], None]] = [_adds_arrays, _makes_an_array]
    for kernel in allocating:
        with pytest.raises((NumbaError, TypeError), match=r"NRT|array"):
            compiled(kernel)(np.ones(3))


def _adds_arrays(x: Matrix) -> None:
    x[:] = x + x


def _makes_an_array(x: Matrix) -> None:
    x[0] = np.zeros(3)[0]
