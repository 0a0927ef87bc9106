"""Vector instructions that the compiler would not find by itself: the building blocks of products.

A *tile* is a small block of a matrix product that stays in registers while the sum over the inner
dimension runs: each step loads a row of the second factor, a few vectors, and multiplies it with
single numbers of the first. Its numbers are sums in the order of the inner dimension, one
multiplication and addition after the other, whatever the width of vectors and tiles.

Memory is named by addresses (``address``) and distances in numbers, of the precision of an example.

Source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", 2008; Van Zee, van
de Geijn, "BLIS: a framework for rapidly instantiating BLAS functionality", 2015.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic, lower_builtin, type_callable

from engine.compiler.arrays import Array
from engine.compiler.jit import Kernel
from engine.compiler.simd import INDEX, TILE_ROWS, VECTOR_BYTES, Emitter

__all__ = [
    "TILE_ROWS",
    "VECTORS",
    "VECTOR_BYTES",
    "address",
    "column_sums",
    "lanes",
    "tile",
]

VECTORS = 2
"""Vectors in a whole row of a tile."""
HEIGHTS = (TILE_ROWS, 4, 2, 1)
"""Rows of a whole tile, and of those that fill up the rest."""


def lanes(example: Array) -> int:
    """How many numbers of an array fit into a vector."""
    return VECTOR_BYTES // int(example.dtype.itemsize)


@type_callable(lanes)
def _type_lanes(_context: Any) -> Any:
    return lambda example: types.intp if isinstance(example, types.Array) else None


@lower_builtin(lanes, types.Array)
def _lower_lanes(_context: Any, _builder: Any, signature: Any, _values: Any) -> Any:
    return INDEX(VECTOR_BYTES * 8 // signature.args[0].dtype.bitwidth)


def _address(typing_context: Any, array: Any, offset: Any) -> Any:
    """The address of the number at an offset of an array."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        return builder.ptrtoint(builder.gep(data, [values[1]]), INDEX)

    return types.intp(array, types.intp), generate


def _tile(
    typing_context: Any,
    example: Any,
    height: Any,
    vectors: Any,
    a: Any,
    a_row: Any,
    a_step: Any,
    b: Any,
    b_step: Any,
    y: Any,
    y_row: Any,
    columns: Any,
    depth: Any,
    add: Any,
) -> Any:
    """One tile: y[r, :] = or, with ``add``, += the sum over k of a[r, k] b[k, :].

    It has one of ``HEIGHTS`` rows, each one or ``VECTORS`` vectors wide, of which the first
    ``columns`` numbers are written. ``a``, ``b`` and ``y`` are addresses; ``a_row`` lies between
    rows of a, ``a_step`` between its columns, ``b_step`` and ``y_row`` between rows of b and y.
    """
    signature = types.void(example, *(types.intp,) * 11, types.boolean)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        emit = Emitter(context, builder, signature.args[0])
        height, vectors, *rest = values[1:]
        end = builder.append_basic_block("tile.end")
        choice = builder.add(builder.mul(height, INDEX(VECTORS + 1)), vectors)
        which = builder.switch(choice, end)
        for rows in HEIGHTS:
            for width in (1, VECTORS):
                block = builder.append_basic_block(f"tile.{rows}x{width}")
                which.add_case(INDEX(rows * (VECTORS + 1) + width), block)
                builder.position_at_end(block)
                _sum(emit, rows, width, *rest)
                builder.branch(end)
        builder.position_at_end(end)
        return context.get_dummy_value()

    return signature, generate


def _sum(
    emit: Emitter,
    rows: int,
    width: int,
    a: Any,
    a_row: Any,
    a_step: Any,
    b: Any,
    b_step: Any,
    y: Any,
    y_row: Any,
    columns: Any,
    depth: Any,
    add: Any,
) -> None:
    """Write the loop of a tile of one size."""
    builder = emit.builder
    cells = [(r, v) for r in range(rows) for v in range(width)]
    upper = (rows + 1) // 2
    # Two pointers into a, each to half of the rows: each place is then at a distance that an
    # instruction holds. Opaque in the loop: otherwise the compiler goes from row to row by
    # additions, each of which waits for the last.
    first = emit.pointer(a)
    starts = [first, emit.beyond(first, builder.mul(a_row, INDEX(upper))), emit.pointer(b)]
    y_rows = [emit.pointer(y)]
    for _ in range(rows - 1):
        y_rows.append(emit.beyond(y_rows[-1], y_row))
    for r, v in cells:
        emit.fetch(emit.beyond(y_rows[r], INDEX(v * emit.width)))

    begin = builder.basic_block
    loop, more, end = (
        builder.append_basic_block(f"sum.{name}") for name in ("loop", "more", "end")
    )
    builder.branch(loop)
    builder.position_at_end(loop)
    done, *coming = (emit.phi((value, begin)) for value in (INDEX(0), *starts))
    sums = [emit.phi((emit.zero, begin)) for _ in cells]
    pointers = [emit.opaque(pointer) for pointer in coming]
    row = [emit.load(pointers[2], v) for v in range(width)]
    after = []
    for r in range(rows):
        half, place = divmod(r, upper)
        factor = emit.broadcast(emit.beyond(pointers[half], builder.mul(a_row, INDEX(place))))
        after += [emit.multiply_add(factor, row[v], sums[r * width + v]) for v in range(width)]
    following = builder.add(done, INDEX(1))
    moved = [emit.beyond(p, s) for p, s in zip(pointers, (a_step, a_step, b_step), strict=True)]
    for phi, value in zip((done, *coming, *sums), (following, *moved, *after), strict=True):
        phi.add_incoming(value, loop)
    after_loop = builder.append_basic_block("sum.after")
    builder.cbranch(builder.icmp_signed("<", following, depth), loop, after_loop)

    builder.position_at_end(after_loop)
    builder.cbranch(add, more, end)
    builder.position_at_end(more)
    added = [
        emit.add(emit.load(y_rows[r], v), value) for (r, v), value in zip(cells, after, strict=True)
    ]
    builder.branch(end)
    builder.position_at_end(end)
    results = [
        emit.phi((one, after_loop), (other, more)) for one, other in zip(after, added, strict=True)
    ]
    _write(emit, cells, results, y_rows, width, columns)


def _write(
    emit: Emitter,
    cells: list[tuple[int, int]],
    results: list[Any],
    rows: list[Any],
    width: int,
    columns: Any,
) -> None:
    """Store vectors of rows so many vectors wide, of each row the first ``columns`` numbers."""
    whole = emit.builder.icmp_signed("==", columns, INDEX(width * emit.width))
    with emit.builder.if_else(whole, likely=True) as (all_of_it, some):
        with all_of_it:
            for (r, v), value in zip(cells, results, strict=True):
                emit.store(value, rows[r], v)
        with some:
            for (r, v), value in zip(cells, results, strict=True):
                emit.store_some(value, rows[r], v, columns)


def _column_sums(
    typing_context: Any, example: Any, b: Any, b_step: Any, y: Any, columns: Any, depth: Any
) -> Any:
    """Sums of up to ``VECTORS`` vectors of columns: y[j] = the sum over k of b[k, j], in order."""
    signature = types.void(example, *(types.intp,) * 5)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        emit = Emitter(context, builder, signature.args[0])
        _, b, b_step, y, columns, depth = values
        narrow = builder.icmp_signed("<=", columns, INDEX(emit.width))
        with builder.if_else(narrow) as (one, several):
            for width, branch in ((1, one), (VECTORS, several)):
                with branch:
                    _column_sum(emit, width, b, b_step, y, columns, depth)
        return context.get_dummy_value()

    return signature, generate


def _column_sum(
    emit: Emitter, width: int, b: Any, b_step: Any, y: Any, columns: Any, depth: Any
) -> None:
    builder = emit.builder
    begin, start = builder.basic_block, emit.pointer(b)
    look, loop, end = (
        builder.append_basic_block(f"sums.{name}") for name in ("look", "loop", "end")
    )
    builder.branch(look)
    builder.position_at_end(look)
    done, row = emit.phi((INDEX(0), begin)), emit.phi((start, begin))
    sums = [emit.phi((emit.zero, begin)) for _ in range(width)]
    builder.cbranch(builder.icmp_signed("<", done, depth), loop, end)
    builder.position_at_end(loop)
    after = [emit.add(total, emit.load(row, v)) for v, total in enumerate(sums)]
    following = (builder.add(done, INDEX(1)), emit.beyond(row, b_step), *after)
    for phi, value in zip((done, row, *sums), following, strict=True):
        phi.add_incoming(value, loop)
    builder.branch(look)
    builder.position_at_end(end)
    _write(emit, [(0, v) for v in range(width)], [*sums], [emit.pointer(y)], width, columns)


address: Kernel = intrinsic(_address)
column_sums: Kernel = intrinsic(_column_sums)
tile: Kernel = intrinsic(_tile)
