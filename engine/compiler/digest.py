"""A digest of everything that the machine code of a function depends on, by content.

The compiler reads more than the lines of a function. Global variables and the variables that a
closure encloses become constants, and functions among them are compiled into it, with what *they*
name, through as many levels as there are. Two functions have one digest only if all of that is
equal. The engine's functions may move to other lines; of others the whole file is part of it, since
it may register more with the compiler.

What Python's standard library, NumPy and Numba define is known by its name: their versions are part
of the name of the cache folder. Functions that write instructions themselves (Numba's intrinsics)
are known by name where they are the engine's, whose source names the folder too.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numba import types
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic as Intrinsic
from numba.core.registry import cpu_target
from numba.core.typing.templates import Signature

from engine.compiler.content import (
    VALUE_WRITERS,
    ContentWriter,
    NoContentDigest,
    Writers,
    write_class,
)
from engine.compiler.origins import is_known_by_name, is_of_the_engine, source_digest_of

__all__ = ["ContentAddressed", "NoContentDigest", "content_digest"]

_CODE_FLAGS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR
"""The flags of a code object that say how its function is called.

Others are left out: Numba clears CO_OPTIMIZED when compiled code runs under a profiler.
"""


class ContentAddressed:
    """The base of caches whose machine code is known by the digest of its content.

    What such a cache has compiled earlier may be called: a change since then is noticed.
    """


_SEEN: WeakKeyDictionary[FunctionType, list[Any]] = WeakKeyDictionary()
"""Snapshots of what functions read when their digest was first asked for."""
_CHANGED: list[Any] = []
"""A mark in place of a snapshot: the function has read other values since."""


def content_digest(*values: Any) -> str:
    """The digest of functions, and of what else machine code depends on: 32 hexadecimal digits.

    The first of the values is what is compiled; a function that it calls, or is given, must read
    what it has always read. Raises ``NoContentDigest`` where one does not, or where something can
    be reached of which nothing but its identity is known.
    """
    writer = ContentWriter(_WRITERS, values[0])
    for value in values:
        writer.add(value)
    return writer.hexadecimal()


def _write_cached(digest: ContentWriter, value: Any) -> None:
    digest.write("cached")
    digest.add(value.__wrapped__)


def _write_code(digest: ContentWriter, code: CodeType) -> None:
    digest.write("code", _code_digest(code))


@cache
def _code_digest(code: CodeType) -> str:
    """The digest of a function's code object; code objects that compare as equal share it."""
    digest = ContentWriter(_WRITERS)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    names = (code.co_name, code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars)
    digest.write("instructions", code.co_code)
    digest.write("shape", repr((counts, names, code.co_flags & _CODE_FLAGS)))
    digest.write("handlers", code.co_exceptiontable)
    digest.add_all("constants", code.co_consts)
    return digest.hexadecimal()


def _write_function(digest: ContentWriter, function: FunctionType) -> None:
    digest.write("function", f"{function.__module__}.{function.__qualname__}")
    if is_known_by_name(function):
        return
    if digest.is_repeated(function):
        if function is digest.root and _SEEN.get(function) is _CHANGED:
            digest.refuse(f"{function.__qualname__} is called by what it calls, and has changed")
        return
    _write_code(digest, function.__code__)
    cells = [_cell_content(cell) for cell in function.__closure__ or ()]
    read = list(_read_by(function, cells))
    if (
        _has_changed(function, [*cells, *(value for _, value in read)])
        and function is not digest.root
    ):
        digest.refuse(f"what {function.__qualname__} reads has changed")
    digest.add(function.__defaults__)
    digest.add(function.__kwdefaults__)
    digest.add_all("cells", cells)
    for name, value in read:
        digest.write("global", name)
        digest.add(value)
    if not is_of_the_engine(function):
        digest.write("file", source_digest_of(function))
        for chosen, options in _overloads_of(function):
            digest.add(chosen)
            digest.add(options)


def _has_changed(function: FunctionType, values: list[Any]) -> bool:
    """Whether a function has ever read other values than at first.

    Of a function that others call, the compiler may use what it compiled at any time before.
    """
    parts = (function.__code__, function.__defaults__, function.__kwdefaults__)
    now = [_snapshot(value) for value in (*parts, *values)]
    then = _SEEN.setdefault(function, now)
    if then is not _CHANGED and not _are_same(then, now):
        _SEEN[function] = then = _CHANGED
    return then is _CHANGED


def _snapshot(value: Any) -> Any:
    """What tells later whether a value is as it was: its content, or else the value itself."""
    if isinstance(value, (tuple, list, dict, set, frozenset, np.ndarray)):
        try:
            return content_digest(value)
        except NoContentDigest:
            return object()  # never the same again
    if isinstance(value, (bool, int, float, complex, str, bytes, np.generic)):
        return content_digest(value)
    return value


def _are_same(then: list[Any], now: list[Any]) -> bool:
    pairs = zip(then, now, strict=False)
    return len(then) == len(now) and all(
        one is other or (isinstance(one, str) and one == other) for one, other in pairs
    )


def _cell_content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def _read_by(function: FunctionType, cells: list[Any]) -> Iterator[tuple[str, Any]]:
    """The global variables that a function may read, and attributes of modules among its values."""
    names = _names_in(function.__code__)
    found = {name: function.__globals__[name] for name in names if name in function.__globals__}
    yield from found.items()
    modules = [(n, v) for n, v in [*found.items(), *(("", c) for c in cells)] if _is_open(v)]
    followed: set[int] = set()
    while modules:
        prefix, module = modules.pop()
        followed.add(id(module))
        for name in names:
            if hasattr(module, name):
                value = getattr(module, name)
                yield f"{prefix}.{name}", value
                if _is_open(value) and id(value) not in followed:
                    modules.append((f"{prefix}.{name}", value))


def _is_open(value: Any) -> bool:
    """Whether a value is a module whose attributes count, not its name alone."""
    return isinstance(value, ModuleType) and not is_known_by_name(value)


@cache
def _names_in(code: CodeType) -> list[str]:
    """The names of global variables and of attributes in a function, and in functions in it.

    What is an attribute only may happen to be a global variable too, and counts as one.
    """
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return sorted({*code.co_names}.union(*map(_names_in, inner)))


def _overloads_of(function: FunctionType) -> Iterator[tuple[Any, Any]]:
    """What the compiler was told to compile instead of a function, and its options."""
    known = cpu_target.typing_context._lookup_global(function)  # noqa: SLF001  # no public way
    for template in getattr(known, "templates", ()):
        if (chosen := getattr(template, "_overload_func", None)) is not None:
            yield chosen, getattr(template, "_jit_options", {})


def _write_dispatcher(digest: ContentWriter, dispatcher: Any) -> None:
    """Write a compiled function.

    One that Numba compiled outside this cache may have been compiled when other values held, and
    raises NoContentDigest.
    """
    digest.write("compiled", str(dispatcher._can_compile))  # noqa: SLF001  # no public way
    if dispatcher.overloads and not isinstance(dispatcher._cache, ContentAddressed):  # noqa: SLF001
        digest.refuse(f"{dispatcher.py_func.__qualname__} was compiled before")
    digest.add(dispatcher.targetoptions)
    digest.add(dict(dispatcher._compiler.locals))  # noqa: SLF001
    digest.add(dispatcher.py_func)


def _write_intrinsic(digest: ContentWriter, intrinsic: Any) -> None:
    definition = intrinsic._defn  # noqa: SLF001  # no public way
    digest.write("intrinsic", f"{definition.__module__}.{definition.__qualname__}")
    if not is_of_the_engine(definition):
        digest.add(definition)
        return
    digest.add_all("cells", [_cell_content(cell) for cell in definition.__closure__ or ()])


def _write_partial(digest: ContentWriter, partial: Any) -> None:
    digest.write("partial")
    digest.add(partial.func)
    digest.add(partial.args)
    digest.add(partial.keywords)


def _write_method(digest: ContentWriter, method: MethodType) -> None:
    digest.write("method")
    digest.add(method.__func__)
    digest.add(method.__self__)


def _write_type(digest: ContentWriter, kind: Any) -> None:
    """Write one of Numba's types, most of which have a name that says all."""
    if hasattr(kind, "dispatcher"):
        digest.write("type", type(kind).__qualname__)
        digest.add(kind.dispatcher)
        return
    if " at 0x" in str(kind):
        digest.refuse(f"the type {kind}")
        return
    digest.write("type", f"{type(kind).__qualname__} {kind}")
    digest.add_all("parts", getattr(kind, "types", ()))  # of a tuple
    if hasattr(kind, "instance_class"):
        write_class(digest, kind.instance_class)
    if isinstance(kind, types.ExternalFunction):
        digest.write("external", f"{kind.symbol} {kind.sig}")


def _write_signature(digest: ContentWriter, signature: Any) -> None:
    digest.write("signature")
    digest.add(signature.return_type)
    digest.add(tuple(signature.args))


_WRITERS: Writers = (
    (CodeType, _write_code),
    (FunctionType, _write_function),
    (Dispatcher, _write_dispatcher),
    (Intrinsic, _write_intrinsic),
    (functools.partial, _write_partial),
    (MethodType, _write_method),
    (type(cache(len)), _write_cached),
    (types.Type, _write_type),
    (Signature, _write_signature),
    *VALUE_WRITERS,
)
"""The writers of functions, of what the compiler makes of them, and of all other values."""
