"""Matrix products of a dense layer, and sums of rows, each into an array that is there.

The inner dimension is cut into blocks, so that what a strip of tiles reads of the second factor
stays in the nearest cache while the tiles walk down the rows of the first. Factors that lie across
the direction of the sum, or far apart in memory, are packed: copied in the order of their use.

Every number is summed in an order that follows from the inner dimension alone, so it does not
depend on how many rows, or which, are computed at a time, nor by how many threads.

All matrices lie in memory that goes on for ``SLACK`` numbers: what is read there is not used.
"""

from __future__ import annotations

import numpy as np

from engine.compiler.arrays import Array, Number, like, smaller
from engine.compiler.jit import COMPILED, jittable, kernel
from engine.compiler.linking import linked
from engine.compiler.packing import copy_row, transpose_block
from engine.compiler.tiles import (
    TILE_ROWS,
    VECTOR_BYTES,
    VECTORS,
    address,
    column_sums,
    lanes,
    tile,
)

__all__ = [
    "SLACK",
    "add_up_rows",
    "matmul_nn",
    "matmul_nt",
    "matmul_tn",
    "product_rows",
    "workspace",
]

DEPTH = 384
"""The largest number of steps of the sum that are done at a time."""
HEIGHT = 96
"""Rows of the first factor that are packed at a time: so many that the second cache holds them."""
NEAR = 1024
"""A block of the second factor with so few numbers is read where it lies."""
FEW = 32
"""With no more rows or columns than this, packing the first factor costs more than it gains."""

ONE, START = np.int64(1), np.int64(0)
ALONG, ACROSS = np.bool_(False), np.bool_(True)
"""Of types that hold any value: by values of their own, products would be compiled three times."""

SLACK = VECTORS * VECTOR_BYTES // 4
"""Numbers that may be read behind a matrix: a row of a tile."""
_BLOCK = (HEIGHT + TILE_ROWS) * DEPTH + SLACK


def workspace(units: int, inputs: int) -> int:
    """Numbers of working memory that the products of a layer need, for any number of rows."""
    panels = (
        (units + SLACK) * (min(inputs, DEPTH) + SLACK),
        (inputs + SLACK) * (DEPTH + SLACK),
    )
    return _BLOCK + max(panels)


@jittable
def _pack(example: Array, b: Number, b_row: Number, panel: Number, depth: Number) -> None:
    """Copy a strip of b, a row of a tile wide, into a panel."""
    size = example.itemsize
    for _ in range(depth):
        copy_row(example, VECTORS, b, panel)
        b += b_row * size
        panel += VECTORS * VECTOR_BYTES


@jittable
def _pack_across(
    example: Array, b: Number, b_row: Number, panel: Number, columns: Number, depth: Number
) -> None:
    """Copy a strip of b^T into a panel; ``columns`` of the strip are rows of b."""
    size, side = example.itemsize, lanes(example)
    for j in range(0, columns, side):
        for k in range(0, depth, side):
            block = b + (j * b_row + k) * size
            place = panel + (k * VECTORS * side + j) * size
            transpose_block(example, block, b_row, columns - j, place, VECTORS * side)


@jittable
def _pack_first(
    example: Array, a: Number, a_step: Number, block: Number, rows: Number, depth: Number
) -> None:
    """Copy rows of a, which lie across, tile by tile; a copy may reach into the next one."""
    size, side = example.itemsize, lanes(example)
    for row in range(0, rows, TILE_ROWS):
        for k in range(depth):
            place = a + (row + k * a_step) * size
            for part in range(0, TILE_ROWS, side):
                copy_row(example, 1, place + part * size, block + part * size)
            block += TILE_ROWS * size


@jittable
def _tiles(
    a: Number,
    a_row: Number,
    a_step: Number,
    a_tile: Number,
    b: Number,
    b_step: Number,
    y: Array,
    at: Number,
    column: Number,
    rows: Number,
    columns: Number,
    depth: Number,
    add: Number,
) -> None:
    """A strip of y from row ``at``, tile by tile; whole tiles of a are ``a_tile`` apart."""
    vectors = 1 if columns <= lanes(y) else VECTORS
    size, y_row = y.itemsize, y.shape[1]
    row = 0
    while row < rows:
        left = rows - row
        height = TILE_ROWS if left >= TILE_ROWS else 4 if left >= 4 else 2 if left >= 2 else 1
        whole, rest = divmod(row, TILE_ROWS)
        place = a + (whole * a_tile + rest * a_row) * size
        target = address(y, (at + row) * y_row + column)
        tile(
            y, height, vectors, place, a_row, a_step, b, b_step, target, y_row, columns, depth, add
        )
        row += height


@kernel
def product_rows(
    a: Number,
    a_row: Number,
    a_step: Number,
    b: Number,
    b_row: Number,
    across: Number,
    y: Array,
    start: Number,
    stop: Number,
    left: Number,
    columns: Number,
    depth: Number,
    block: Number,
) -> None:
    """Rows of y = a b, from ``start`` to before ``stop``, and of these the columns beside ``left``.

    ``a``, ``b`` and ``block``, the working memory, are addresses; b begins with the first of these
    columns. ``a_row`` and ``a_step`` say how a lies, ``across`` that b lies transposed.
    """
    width, size = VECTORS * lanes(y), y.itemsize
    panel = block + _BLOCK * size
    pack_first = a_step > 1 and columns > FEW and stop - start > FEW
    parts = (depth + DEPTH - 1) // DEPTH
    cut = (depth + parts - 1) // parts
    for k in range(0, depth, cut):
        deep = smaller(cut, depth - k)
        packed = across or columns * deep > NEAR
        for j in range(0, columns if packed else 0, width):
            place = panel + j * deep * size
            if across:
                wide = smaller(width, columns - j)
                _pack_across(y, b + (j * b_row + k) * size, b_row, place, wide, deep)
            else:
                _pack(y, b + (k * b_row + j) * size, b_row, place, deep)
        for i in range(start, stop, HEIGHT):
            high = smaller(HEIGHT, stop - i)
            one, one_row, one_step = a + (i * a_row + k * a_step) * size, a_row, a_step
            one_tile = TILE_ROWS * a_row
            if pack_first:
                _pack_first(y, one, a_step, block, high, deep)
                one, one_row, one_step, one_tile = block, 1, TILE_ROWS, TILE_ROWS * deep
            for j in range(0, columns, width):
                other, other_step = panel + j * deep * size, width
                if not packed:
                    other, other_step = b + (k * b_row + j) * size, b_row
                _tiles(
                    one,
                    one_row,
                    one_step,
                    one_tile,
                    other,
                    other_step,
                    y,
                    i,
                    left + j,
                    high,
                    smaller(width, columns - j),
                    deep,
                    k > 0,
                )


_multiply = linked(product_rows)
"""The one large function here, so that kernels do not take it over: it is compiled once."""


@jittable
def matmul_nt(a: Array, b: Array, y: Array, memory: Array, start: Number, stop: Number) -> None:
    """Y = a b^T, for its columns from ``start`` to before ``stop``.

    a (rows, depth), b (columns, depth), y (rows, columns).
    """
    (rows, depth), columns = a.shape, b.shape[0]
    if not COMPILED:
        y[:, start:stop] = np.dot(a, b[start:stop].T)
    elif columns == 1:
        for i in range(rows if start < stop else 0):
            total = like(a[i, 0], 0.0)
            for k in range(depth):
                total += a[i, k] * b[0, k]
            y[i, 0] = total
    else:
        one, other, block = address(a, 0), address(b, start * depth), address(memory, 0)
        some = stop - start
        _multiply(one, depth, ONE, other, depth, ACROSS, y, START, rows, start, some, depth, block)


@jittable
def matmul_nn(a: Array, b: Array, y: Array, memory: Array, start: Number, stop: Number) -> None:
    """Y = a b, for its columns from ``start`` to before ``stop``.

    a (rows, depth), b (depth, columns), y (rows, columns).
    """
    (rows, depth), columns = a.shape, b.shape[1]
    if not COMPILED:
        y[:, start:stop] = np.dot(a, b[:, start:stop])
    elif depth == 1:
        row = b[0, start:stop]
        for i in range(rows):
            target, factor = y[i, start:stop], a[i, 0]
            for j in range(target.size):
                target[j] = factor * row[j]
    else:
        one, other, block = address(a, 0), address(b, start), address(memory, 0)
        some = stop - start
        _multiply(one, depth, ONE, other, columns, ALONG, y, START, rows, start, some, depth, block)


@jittable
def matmul_tn(a: Array, b: Array, y: Array, memory: Array, start: Number, stop: Number) -> None:
    """Y = a^T b, for its rows from ``start`` to before ``stop``.

    a (depth, rows), b (depth, columns), y (rows, columns).
    """
    (depth, rows), columns = a.shape, b.shape[1]
    if not COMPILED:
        y[start:stop] = np.dot(a[:, start:stop].T, b)
    elif rows == 1:
        y[start:stop] = 0
        for k in range(depth if start < stop else 0):
            for j in range(columns):
                y[0, j] += a[k, 0] * b[k, j]
    else:
        one, other, block = address(a, 0), address(b, 0), address(memory, 0)
        _multiply(
            one, ONE, rows, other, columns, ALONG, y, start, stop, START, columns, depth, block
        )


@jittable
def add_up_rows(b: Array, y: Array, start: Number, stop: Number) -> None:
    """Sums of columns, from ``start`` to before ``stop``: y[j] = the sum over k of b[k, j]."""
    depth, columns = b.shape
    if not COMPILED:
        y[start:stop] = b[:, start:stop].sum(axis=0)
    else:
        width = VECTORS * lanes(b)
        for j in range(start, stop, width):
            few = smaller(width, stop - j)
            column_sums(b, address(b, j), columns, address(y, j), few, depth)
