"""Vector instructions that copy parts of a matrix, as they are or transposed, for products.

Products read a factor that lies across the direction of their sums, or far apart in memory, from
such a copy: a panel. Memory is named by addresses, and distances are in numbers, of the precision
of an example.

Source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", 2008.
"""

from __future__ import annotations

from typing import Any

from numba import types
from numba.extending import intrinsic

from engine.compiler.jit import Kernel
from engine.compiler.simd import INDEX, Emitter

__all__ = ["copy_row", "transpose_block"]


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
        emit = Emitter(context, builder, signature.args[0])
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


def _exchanged(emit: Emitter, lines: list[Any], distance: int) -> list[Any]:
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
        emit = Emitter(context, builder, signature.args[0])
        source, target = emit.pointer(values[2]), emit.pointer(values[3])
        for v in range(vectors.literal_value):
            emit.store(emit.load(source, v), target, v)
        return context.get_dummy_value()

    return signature, generate


transpose_block: Kernel = intrinsic(_transpose_block)
copy_row: Kernel = intrinsic(prefer_literal=True)(_copy_row)
