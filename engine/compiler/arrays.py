"""Small pieces of kernels and loops, made so that the compiler is done with them at once.

Numba compiles a general slice, a reshape or a copy for every case there is, down to the text of
error messages that never come: seconds in all. These trust their offsets as machine code does. What
follows ``if COMPILED`` is the same once more, as instructions instead of Python.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from numba import types
from numba.core import cgutils
from numba.extending import lower_builtin, type_callable
from numba.np import arrayobj

from engine.compiler.jit import COMPILED

__all__ = ["Array", "Number", "larger", "like", "made", "part", "put", "smaller", "view"]

Array: TypeAlias = Any
"""In kernels: an array of the network's precision. Numba infers the rest, and mypy looks away."""
Number: TypeAlias = Any
"""In kernels: one number of an array, or a scalar argument."""


def like(example: Number, value: float) -> Number:
    """``value`` in the precision of ``example``, so that float32 stays float32."""
    return type(example)(value)


def smaller(one: Number, other: Number) -> Number:
    """The smaller of two numbers of one type, by one comparison as ``min`` makes it."""
    return min(one, other)


def larger(one: Number, other: Number) -> Number:
    """The larger of two numbers of one type, by one comparison as ``max`` makes it."""
    return max(one, other)


def view(buffer: Array, start: Number, rows: Number, width: Number) -> Array:
    """A matrix over a part of a buffer."""
    return buffer.reshape(-1)[start : start + rows * width].reshape((rows, width))


def part(array: Array, start: Number, stop: Number) -> Array:
    """The numbers, or the rows, from ``start`` to before ``stop``."""
    return array[start:stop]


def put(target: Array, source: Array) -> None:
    """Copy ``source`` to the front of ``target``, which has room for it."""
    target.reshape(-1)[: source.size] = source.reshape(-1)


def made(context: Any, builder: Any, kind: Any, data: Any, shape: list[Any]) -> Any:
    """Build an array of a type, in one piece, over memory that somebody else owns."""
    itemsize = context.get_constant(types.intp, context.get_abi_sizeof(data.type.pointee))
    strides = [itemsize]
    for extent in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], extent))
    array = arrayobj.make_array(kind)(context, builder)
    arrayobj.populate_array(
        array, data=data, shape=shape, strides=strides, itemsize=itemsize, meminfo=None
    )
    return array._getvalue()  # noqa: SLF001  # what Numba's own functions return


def _whole(context: Any, builder: Any, signature: Any, values: Any) -> tuple[Any, list[Any]]:
    """The array among a function's arguments, and the integers after it."""
    numbers = [
        context.cast(builder, value, kind, types.intp)
        for value, kind in zip(values[1:], signature.args[1:], strict=True)
    ]
    return arrayobj.make_array(signature.args[0])(context, builder, values[0]), numbers


def _in_one_piece(array: Any) -> bool:
    return isinstance(array, types.Array) and array.layout == "C"


def _type_like(_context: Any) -> Any:
    def typed(example: Any, value: Any) -> Any:
        return example if isinstance(value, types.Number | types.Boolean) else None

    return typed


def _lower_like(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return context.cast(builder, values[1], signature.args[1], signature.return_type)


def _type_chosen(_context: Any) -> Any:
    def typed(one: Any, other: Any) -> Any:
        one, other = types.unliteral(one), types.unliteral(other)
        ordered = isinstance(one, types.Float) or getattr(one, "signed", False)
        return one if one == other and ordered else None

    return typed


def _lower_smaller(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return _chosen("<", context, builder, signature, values)


def _lower_larger(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return _chosen(">", context, builder, signature, values)


def _chosen(order: str, context: Any, builder: Any, signature: Any, values: Any) -> Any:
    """The other number if it compares before the one, else the one: also where either is NaN."""
    kind = signature.return_type
    one, other = (
        context.cast(builder, value, given, kind)
        for value, given in zip(values, signature.args, strict=True)
    )
    compare = builder.fcmp_ordered if isinstance(kind, types.Float) else builder.icmp_signed
    return builder.select(compare(order, other, one), other, one)


def _type_view(_context: Any) -> Any:
    def typed(buffer: Any, start: Any, rows: Any, width: Any) -> Any:
        return types.Array(buffer.dtype, 2, "C") if _in_one_piece(buffer) else None

    return typed


def _lower_view(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    whole, (start, rows, width) = _whole(context, builder, signature, values)
    data = builder.gep(whole.data, [start])
    return made(context, builder, signature.return_type, data, [rows, width])


def _type_part(_context: Any) -> Any:
    def typed(array: Any, start: Any, stop: Any) -> Any:
        return array if isinstance(array, types.Array) else None

    return typed


def _lower_part(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    whole, (start, stop) = _whole(context, builder, signature, values)
    _, *others = cgutils.unpack_tuple(builder, whole.shape)
    strides = cgutils.unpack_tuple(builder, whole.strides)
    array = arrayobj.make_array(signature.return_type)(context, builder)
    arrayobj.populate_array(
        array,
        data=cgutils.pointer_add(builder, whole.data, builder.mul(start, strides[0])),
        shape=[builder.sub(stop, start), *others],
        strides=strides,
        itemsize=whole.itemsize,
        meminfo=None,
    )
    return array._getvalue()  # noqa: SLF001  # what Numba's own functions return


def _type_put(_context: Any) -> Any:
    def typed(target: Any, source: Any) -> Any:
        alike = isinstance(source, types.Array) and target.dtype == source.dtype
        return types.void if alike and _in_one_piece(target) else None

    return typed


def _lower_put(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    to, of = (
        arrayobj.make_array(kind)(context, builder, value)
        for kind, value in zip(signature.args, values, strict=True)
    )
    if _in_one_piece(signature.args[1]):
        cgutils.raw_memmove(builder, to.data, of.data, of.nitems, of.itemsize)
    else:
        _copy_one_by_one(context, builder, to, signature.args[1], of)
    return context.get_dummy_value()


def _copy_one_by_one(context: Any, builder: Any, to: Any, kind: Any, of: Any) -> None:
    """Copy an array that lies in pieces, row by row."""
    shape = cgutils.unpack_tuple(builder, of.shape)
    with cgutils.loop_nest(builder, shape, shape[0].type) as indices:
        place = indices[0]
        for index, extent in zip(indices[1:], shape[1:], strict=True):
            place = builder.add(builder.mul(place, extent), index)
        number = builder.load(cgutils.get_item_pointer(context, builder, kind, of, indices))
        builder.store(number, builder.gep(to.data, [place]))


if COMPILED:
    for function, typed, lowered, arity in (
        (like, _type_like, _lower_like, 2),
        (smaller, _type_chosen, _lower_smaller, 2),
        (larger, _type_chosen, _lower_larger, 2),
        (view, _type_view, _lower_view, 4),
        (part, _type_part, _lower_part, 3),
        (put, _type_put, _lower_put, 2),
    ):
        type_callable(function)(typed)
        lower_builtin(function, *(types.Any,) * arity)(lowered)
