"""Functions with machine code of their own, which other machine code calls by name.

Numba takes what a compiled function calls into its own library, optimises it again and emits it
again: of a large function that several kernels call, as often as there are kernels, and callers
between. Here a caller only declares such a function. Its address is made known to the linker before
the caller's machine code is made, and whenever that is loaded from the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import llvmlite.binding as llvm
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.compiler.jit import COMPILED, Kernel, address

__all__ = ["called", "linked"]

_LINKED: dict[tuple[str, str], list[Any]] = {}
"""Compiled functions by module and name, the newest last: a notebook may define one again."""


@dataclass(frozen=True)
class Link:
    """A compiled function for arguments of some types, as machine code finds it.

    ``key`` is the digest of all that its machine code depends on. Numba calls a link before it
    loads from the disk what was linked with the function.
    """

    module: str
    name: str
    types: tuple[Any, ...]
    key: str

    @property
    def symbol(self) -> str:
        """The symbol by which the linker knows the function: the same in every process."""
        return f"{self.module}.{self.name}.{self.key}"

    def __call__(self) -> None:
        """Make the function's address known.

        Raises ``LookupError`` if no such function is defined.
        """
        import_module(self.module)
        if self in _KNOWN:
            return
        for function in reversed(_LINKED.get((self.module, self.name), [])):
            if function._cache.current_key(self.types, function.targetctx) == self.key:  # noqa: SLF001
                make_known(self, function)
                return
        raise LookupError(f"there is no {self.module}.{self.name} with the content {self.key}")


_KNOWN: set[Link] = set()
"""Functions whose addresses the linker has been told."""


def make_known(link: Link, function: Any) -> None:
    """Tell the linker where the machine code of a function lies."""
    if link not in _KNOWN:
        llvm.add_symbol(link.symbol, address(function, link.types))
        _KNOWN.add(link)


def linked(function: Any) -> Kernel:
    """What compiled functions call instead of a ``function`` that is compiled on its own.

    It is for large functions with several callers: nothing of it can be inlined.
    """
    if not COMPILED:
        plain: Kernel = function
        return plain
    module, name = function.py_func.__module__, function.py_func.__qualname__
    _LINKED.setdefault((module, name), []).append(function)

    def call(_typing_context: Any, *arguments: Any) -> Any:
        taken = tuple(types.unliteral(each) for each in arguments)
        function.compile(taken)
        compiled = function.overloads[taken]
        link, wanted = Link(module, name, taken, compiled.fndesc.uid), compiled.signature
        make_known(link, function)

        def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
            context.active_code_library._reload_init.add(link)  # noqa: SLF001  # as Numba does
            kind = context.call_conv.get_function_type(wanted.return_type, wanted.args)
            callee = cgutils.get_or_insert_function(builder.module, kind, link.symbol)
            packed = cgutils.unpack_tuple(builder, values[0])
            return called(context, builder, callee, wanted, arguments, packed)

        return wanted.return_type(types.StarArgTuple(arguments)), generate

    made: Kernel = intrinsic(call)
    return made


def called(
    context: Any, builder: Any, callee: Any, wanted: Any, given: Any, values: list[Any]
) -> Any:
    """Write the call of a function that takes what is ``wanted``, with values of types ``given``.

    An error that it reports is the caller's.
    """
    numbers = [
        context.cast(builder, value, have, want)
        for value, have, want in zip(values, given, wanted.args, strict=True)
    ]
    convention = context.call_conv
    status, result = convention.call_function(
        builder, callee, wanted.return_type, wanted.args, numbers
    )
    with cgutils.if_unlikely(builder, status.is_error):
        convention.return_status_propagate(builder, status)
    return result
