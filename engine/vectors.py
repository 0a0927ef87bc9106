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

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload

from engine.compiling import Kernel, config
from engine.views import Array

__all__ = [
    "TILE_ROWS",
    "VECTORS",
    "VECTOR_BYTES",
    "address",
    "copy_row",
    "lanes",
    "tile",
    "transpose_block",
]

VECTORS = 2
"""Vectors in a whole row of a tile."""
INDEX = ir.IntType(64)


def _processor() -> tuple[int, int, bool]:
    """Bytes of a vector, rows of a tile that fit beside its factors, whether products are fused.

    Where code is compiled for another processor than this one, nothing is assumed of it.
    """
    features = {} if config.CPU_NAME else llvm.get_host_cpu_features()
    if features.get("avx512f"):
        return 64, 12, True
    if features.get("avx2") and features.get("fma"):
        return 32, 6, True
    if features.get("neon"):
        return 16, 8, True
    return 16, 6, False


VECTOR_BYTES, TILE_ROWS, FUSED = _processor()
HEIGHTS = (TILE_ROWS, 4, 2, 1)
"""Rows of a whole tile, and of those that fill up the rest."""


def lanes(example: Array) -> int:
    """How many numbers of an array fit into a vector."""
    return VECTOR_BYTES // int(example.dtype.itemsize)


@overload(lanes, inline="always")
def _lanes(example: Array) -> Any:
    count = VECTOR_BYTES * 8 // example.dtype.bitwidth

    def fitting(example: Array) -> int:
        fits: int = count
        return fits

    return fitting


class _Emitter:
    """Writes vector instructions for numbers of one precision."""

    def __init__(self, context: Any, builder: Any, example: Any) -> None:
        self.builder = builder
        self.bytes = example.dtype.bitwidth // 8
        self.width = VECTOR_BYTES // self.bytes
        self.number = context.get_value_type(example.dtype)
        self.vector = ir.VectorType(self.number, self.width)
        self.zero = ir.Constant(self.vector, [0.0] * self.width)

    def pointer(self, address: Any) -> Any:
        return self.builder.inttoptr(address, self.number.as_pointer())

    def beyond(self, pointer: Any, distance: Any) -> Any:
        return self.builder.gep(pointer, [distance])

    def _vectors_on(self, pointer: Any, vectors: int) -> Any:
        place = self.beyond(pointer, INDEX(vectors * self.width))
        return self.builder.bitcast(place, self.vector.as_pointer())

    def load(self, pointer: Any, vectors: int = 0) -> Any:
        return self.builder.load(self._vectors_on(pointer, vectors), align=self.bytes)

    def store(self, value: Any, pointer: Any, vectors: int = 0) -> None:
        self.builder.store(value, self._vectors_on(pointer, vectors), align=self.bytes)

    def fetch(self, pointer: Any) -> None:
        """Ask for what will be read and written before long."""
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0i8")
        place = self.builder.bitcast(pointer, byte)
        self.builder.call(function, [place, word(1), word(3), word(1)])

    def shuffle(self, one: Any, other: Any, mask: list[int]) -> Any:
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self.width), mask)
        return self.builder.shuffle_vector(one, other, lanes)

    def broadcast(self, pointer: Any) -> Any:
        nothing = ir.Constant(self.vector, ir.Undefined)
        number = self.builder.load(pointer, align=self.bytes)
        first = self.builder.insert_element(nothing, number, ir.IntType(32)(0))
        return self.shuffle(first, nothing, [0] * self.width)

    def multiply_add(self, one: Any, other: Any, total: Any) -> Any:
        if not FUSED:
            return self.builder.fadd(self.builder.fmul(one, other), total)
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        name = f"llvm.fma.v{self.width}f{8 * self.bytes}"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        return self.builder.call(function, [one, other, total])

    def phi(self, *incoming: tuple[Any, Any]) -> Any:
        phi = self.builder.phi(incoming[0][0].type)
        for value, block in incoming:
            phi.add_incoming(value, block)
        return phi


def _address(typing_context: Any, array: Any, offset: Any) -> Any:
    """Where the number at an offset of an array is in memory."""

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
    depth: Any,
    add: Any,
) -> Any:
    """One tile: y[r, :] = or, with ``add``, += the sum over k of a[r, k] b[k, :].

    It has one of ``HEIGHTS`` rows, each one or ``VECTORS`` vectors wide. ``a``, ``b`` and ``y``
    are addresses; ``a_row`` lies between rows of a, ``a_step`` between its columns, ``b_step`` and
    ``y_row`` between rows of b and y.
    """
    signature = types.void(example, *(types.intp,) * 10, types.boolean)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        emit = _Emitter(context, builder, signature.args[0])
        height, vectors, *rest = values[1:]
        end = builder.append_basic_block("tile.end")
        choice = builder.add(builder.mul(height, INDEX(VECTORS + 1)), vectors)
        which = builder.switch(choice, end)
        for rows in dict.fromkeys(HEIGHTS):
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
    emit: _Emitter,
    rows: int,
    width: int,
    a: Any,
    a_row: Any,
    a_step: Any,
    b: Any,
    b_step: Any,
    y: Any,
    y_row: Any,
    depth: Any,
    add: Any,
) -> None:
    """Write the loop of a tile of one size."""
    builder = emit.builder
    cells = [(r, v) for r in range(rows) for v in range(width)]
    upper = (rows + 1) // 2
    # Two pointers into a, each to half of the rows: shorter chains of additions to compute places.
    first = emit.pointer(a)
    starts = [first, emit.beyond(first, builder.mul(a_row, INDEX(upper))), emit.pointer(b)]
    y_rows = [emit.pointer(y)]
    emit.fetch(y_rows[0])
    for _ in range(rows - 1):
        y_rows.append(emit.beyond(y_rows[-1], y_row))

        emit.fetch(y_rows[-1])

    begin = builder.basic_block
    loop, more, end = (
        builder.append_basic_block(f"sum.{name}") for name in ("loop", "more", "end")
    )
    builder.branch(loop)
    builder.position_at_end(loop)
    done, *pointers = (emit.phi((value, begin)) for value in (INDEX(0), *starts))
    sums = [emit.phi((emit.zero, begin)) for _ in cells]
    row = [emit.load(pointers[2], v) for v in range(width)]
    after = []
    for r in range(rows):
        half, place = divmod(r, upper)
        factor = emit.broadcast(emit.beyond(pointers[half], builder.mul(a_row, INDEX(place))))
        after += [emit.multiply_add(factor, row[v], sums[r * width + v]) for v in range(width)]
    following = builder.add(done, INDEX(1))
    moved = [emit.beyond(p, s) for p, s in zip(pointers, (a_step, a_step, b_step), strict=True)]
    for phi, value in zip((done, *pointers, *sums), (following, *moved, *after), strict=True):
        phi.add_incoming(value, loop)
    after_loop = builder.append_basic_block("sum.after")
    builder.cbranch(builder.icmp_signed("<", following, depth), loop, after_loop)

    builder.position_at_end(after_loop)
    builder.cbranch(add, more, end)
    builder.position_at_end(more)
    added = [
        builder.fadd(emit.load(y_rows[r], v), value)
        for (r, v), value in zip(cells, after, strict=True)
    ]
    builder.branch(end)
    builder.position_at_end(end)
    results = [
        emit.phi((one, after_loop), (other, more)) for one, other in zip(after, added, strict=True)
    ]
    for (r, v), value in zip(cells, results, strict=True):
        emit.store(value, y_rows[r], v)


def _transpose_block(
    typing_context: Any, example: Any, b: Any, b_row: Any, rows: Any, panel: Any, step: Any
) -> Any:
    """Copy a square block of b, as wide as a vector, transposed into a panel.

    Column k of the block becomes the vector at k steps in the panel. Where b has fewer rows than
    the block, the last one is read again.
    """
    signature = types.void(example, *(types.intp,) * 5)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, b, b_row, rows, panel, step = values
        emit = _Emitter(context, builder, signature.args[0])
        source, last = emit.pointer(b), builder.sub(rows, INDEX(1))
        lines = []
        for r in range(emit.width):
            within = builder.icmp_signed("<", INDEX(r), last)
            place = builder.mul(b_row, builder.select(within, INDEX(r), last))
            lines.append(emit.load(emit.beyond(source, place)))
        distance = 1
        while distance < emit.width:
            lines = _exchanged(emit, lines, distance)
            distance *= 2
        target = emit.pointer(panel)
        for line in lines:
            emit.store(line, target)
            target = emit.beyond(target, step)
        return context.get_dummy_value()

    return signature, generate


def _exchanged(emit: _Emitter, lines: list[Any], distance: int) -> list[Any]:
    """One stage of a transposition: pairs of lines exchange what lies across the diagonal."""
    lanes = range(emit.width)
    upper = [j if not j & distance else emit.width + j - distance for j in lanes]
    lower = [j + distance if not j & distance else emit.width + j for j in lanes]
    changed = list(lines)
    for i in lanes:
        if not i & distance:
            one, other = lines[i], lines[i + distance]
            changed[i] = emit.shuffle(one, other, upper)
            changed[i + distance] = emit.shuffle(one, other, lower)
    return changed


def _copy_row(typing_context: Any, example: Any, vectors: Any, source: Any, target: Any) -> Any:
    """Copy a literal number of vectors from one address to another."""
    signature = types.void(example, vectors, types.intp, types.intp)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        emit = _Emitter(context, builder, signature.args[0])
        source, target = emit.pointer(values[2]), emit.pointer(values[3])
        for v in range(vectors.literal_value):
            emit.store(emit.load(source, v), target, v)
        return context.get_dummy_value()

    return signature, generate


address: Kernel = intrinsic(_address)
tile: Kernel = intrinsic(_tile)
transpose_block: Kernel = intrinsic(_transpose_block)
copy_row: Kernel = intrinsic(prefer_literal=True)(_copy_row)
