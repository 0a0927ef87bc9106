"""Writes vector instructions, for the processor at hand."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils

from engine.compiler.jit import config

__all__ = ["INDEX", "TILE_ROWS", "VECTOR_BYTES", "Emitter"]

INDEX = ir.IntType(64)
AS_WRITTEN = ("nsz",)
"""For additions in the order given: what has flags of its own is given no other freedoms."""


LEVELS = {"x86-64-v3": {"avx2", "fma"}, "x86-64-v4": {"avx2", "fma", "avx512f"}}
"""What processors of a level have, of what matters here."""


def _features() -> AbstractSet[str]:
    """What the processor has that code is compiled for: this one, or one that was named.

    Of a processor with another name than a level's, only what the settings say is assumed.
    """
    if not config.CPU_NAME:
        return {name for name, has in llvm.get_host_cpu_features().items() if has}
    told = (config.CPU_FEATURES or "").split(",")
    return LEVELS.get(config.CPU_NAME, set()) | {each[1:] for each in told if each[:1] == "+"}


def _processor() -> tuple[int, int, bool]:
    """Bytes of a vector, rows of a tile that fit beside its factors, whether products are fused."""
    features = _features()
    if "avx512f" in features:
        return 64, 12, True
    if {"avx2", "fma"} <= features:
        return 32, 6, True
    if "neon" in features:
        return 16, 8, True
    return 16, 6, False


VECTOR_BYTES, TILE_ROWS, FUSED = _processor()


class Emitter:
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

    def opaque(self, pointer: Any) -> Any:
        """The same pointer, of which the compiler does not know where it comes from.

        By an instruction without text: Numba's compiler cannot read any.
        """
        kind = ir.FunctionType(pointer.type, [pointer.type])
        return self.builder.asm(kind, "", "=r,0", [pointer], side_effect=False)

    def load(self, pointer: Any, vectors: int = 0) -> Any:
        return self.builder.load(self._vectors_on(pointer, vectors), align=self.bytes)

    def store(self, value: Any, pointer: Any, vectors: int = 0) -> None:
        self.builder.store(value, self._vectors_on(pointer, vectors), align=self.bytes)

    def store_some(self, value: Any, pointer: Any, vectors: int, columns: Any) -> None:
        """Store the part of a vector that lies in the first ``columns`` numbers of its row."""
        word, lanes = ir.IntType(32), range(vectors * self.width, (vectors + 1) * self.width)
        whole_row = ir.VectorType(word, self.width)
        places = ir.Constant(whole_row, [*lanes])
        first = self.builder.insert_element(
            ir.Constant(whole_row, ir.Undefined), self.builder.trunc(columns, word), word(0)
        )
        end = self.builder.shuffle_vector(
            first, ir.Constant(whole_row, ir.Undefined), ir.Constant(whole_row, [0] * self.width)
        )
        mask = self.builder.icmp_signed("<", places, end)
        place = self._vectors_on(pointer, vectors)
        kind = ir.FunctionType(ir.VoidType(), [self.vector, place.type, word, mask.type])
        name = f"llvm.masked.store.v{self.width}f{8 * self.bytes}.p0"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        self.builder.call(function, [value, place, word(self.bytes), mask])

    def fetch(self, pointer: Any) -> None:
        """Prefetch memory that will be read and written before long."""
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

    def add(self, one: Any, other: Any) -> Any:
        return self.builder.fadd(one, other, flags=AS_WRITTEN)

    def multiply_add(self, one: Any, other: Any, total: Any) -> Any:
        if not FUSED:
            return self.add(self.builder.fmul(one, other, flags=AS_WRITTEN), total)
        kind = ir.FunctionType(self.vector, [self.vector] * 3)
        name = f"llvm.fma.v{self.width}f{8 * self.bytes}"
        function = cgutils.get_or_insert_function(self.builder.module, kind, name)
        return self.builder.call(function, [one, other, total])

    def phi(self, *incoming: tuple[Any, Any]) -> Any:
        phi = self.builder.phi(incoming[0][0].type)
        for value, block in incoming:
            phi.add_incoming(value, block)
        return phi
