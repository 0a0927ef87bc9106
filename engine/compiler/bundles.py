"""Bundles: many arrays and numbers that compiled code is given as one address.

Numba passes every array as seven numbers and more. Of a program, which has some thirty arrays,
each compiled function would take two hundred arguments, and every mention of them would copy them
all: seconds for the compiler. Here a table has addresses and shapes, and is read where needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)

from engine.compiler.arrays import made
from engine.compiler.jit import COMPILED

__all__ = ["Bundle"]

WORD = 8
"""Bytes of everything in a table."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """Arrays, each in one piece, and whole numbers, all of which stay where they are."""

    def __post_init__(self) -> None:
        if COMPILED:
            values = {field.name: getattr(self, field.name) for field in fields(self)}
            kinds = {name: typeof_impl(value, None) for name, value in values.items()}
            table = np.array(
                [word for value in values.values() for word in _words(value)], np.int64
            )
            made = BundleType(type(self).__name__, tuple(kinds.items()))
            special = {"_table": table, "_address": table.ctypes.data, "_type": made}
            for name, value in special.items():
                object.__setattr__(self, name, value)


def _words(value: Any) -> Iterator[int]:
    """The words of a bundle's table for one value: for an array, where it begins and its shape."""
    if isinstance(value, np.ndarray):
        if not value.flags.c_contiguous:
            raise ValueError("an array in a bundle lies in one piece")
        yield from (value.ctypes.data, *value.shape)
    else:
        yield int(value)


class BundleType(types.Type):
    """The type of a bundle: names and types of what is in it."""

    def __init__(self, name: str, kinds: tuple[tuple[str, Any], ...]) -> None:
        self.kinds = dict(kinds)
        words = [1 + kind.ndim if isinstance(kind, types.Array) else 1 for _, kind in kinds]
        self.places = dict(zip(self.kinds, accumulate(words, initial=0), strict=False))
        super().__init__(f"{name}({', '.join(f'{each}: {kind}' for each, kind in kinds)})")


@register_model(BundleType)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.IntType(8 * WORD))


@infer_getattr
class _Fields(AttributeTemplate):
    key = BundleType

    # What it overrides is typed as never giving a type.
    def generic_resolve(self, kind: Any, name: str) -> Any:  # type: ignore[override]
        return kind.kinds.get(name)


@typeof_impl.register(Bundle)
def _type_of(bundle: Any, _context: Any) -> Any:
    return bundle._type  # noqa: SLF001  # set above


@lower_getattr_generic(BundleType)
def _field(context: Any, builder: Any, kind: BundleType, bundle: Any, name: str) -> Any:
    """Read a field; the compiler is told that nothing ever writes there."""
    word, place, wanted = bundle.type, kind.places[name], kind.kinds[name]

    def read(number: int) -> Any:
        address = builder.add(bundle, word(WORD * (place + number)))
        value = builder.load(builder.inttoptr(address, word.as_pointer()))
        value.set_metadata("invariant.load", builder.module.add_metadata([]))
        return value

    if not isinstance(wanted, types.Array):
        return read(0)
    data = builder.inttoptr(read(0), context.get_data_type(wanted.dtype).as_pointer())
    return made(context, builder, wanted, data, [read(1 + k) for k in range(wanted.ndim)])


@unbox(BundleType)
def _unbox(_kind: BundleType, bundle: Any, c: Any) -> Any:
    address = c.pyapi.object_getattr_string(bundle, "_address")
    value = c.pyapi.long_as_longlong(address)
    c.pyapi.decref(address)
    return NativeValue(value)
