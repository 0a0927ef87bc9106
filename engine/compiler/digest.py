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

import enum
import functools
import hashlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numba import types
from numba.core.dispatcher import Dispatcher
from numba.core.extending import _Intrinsic as Intrinsic
from numba.core.registry import cpu_target
from numba.core.typing.templates import Signature

from engine.compiler.origins import is_known_by_name, is_of_the_engine, source_digest_of

__all__ = ["NoContentDigest", "content_digest"]

_CODE_FLAGS = sum(
    getattr(inspect, f"CO_{name}") for name in ("VARARGS", "VARKEYWORDS", "GENERATOR")
)
"""The flags of a code object that say how its function is called.

Others are left out: Numba clears CO_OPTIMIZED when compiled code runs under a profiler.
"""


LARGEST_ARRAY_BYTES = 1_000_000
"""Numba copies arrays up to this size into machine code; of larger ones it keeps the address."""

_SEEN: WeakKeyDictionary[FunctionType, list[Any]] = WeakKeyDictionary()
"""Snapshots of what functions read when their digest was first asked for."""
_CHANGED: list[Any] = []
"""In the place of a snapshot: the function has read other values since."""


class NoContentDigest(TypeError):
    """A function depends on a value whose content cannot be told from that of another."""


def content_digest(*values: Any) -> str:
    """The digest of functions, and of what else machine code depends on: 32 hexadecimal digits.

    Raises ``NoContentDigest`` where something can be reached of which nothing but its identity is
    known.
    """
    digest = _ContentDigest()
    for value in values:
        digest.add(value)
    return digest.hexadecimal()


class _ContentDigest:
    """Values, written one after the other in a form that can be read in one way only."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._numbers: dict[int, int] = {}
        self.depth = 0
        """How many functions the one that is being written was reached through."""
        self._alive: list[Any] = []

    def hexadecimal(self) -> str:
        return hashlib.sha256(b"".join(self._pieces)).hexdigest()[:32]

    def write(self, tag: str, content: bytes | str = b"") -> None:
        """One piece; its length, which is written too, says where the next begins."""
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self._pieces += (b"%b:%d:" % (tag.encode(), len(data)), data)

    def add(self, value: Any) -> None:
        """A value of any kind."""
        kind = type(value)
        if kind not in _WRITER_OF:
            _WRITER_OF[kind] = next((w for kinds, w in _WRITERS if issubclass(kind, kinds)), _write)
        _WRITER_OF[kind](self, value)

    def add_all(self, tag: str, values: Any) -> None:
        self.write(tag, str(len(values)))
        for value in values:
            self.add(value)

    def add_unordered(self, tag: str, values: Any) -> None:
        plain = all(type(value) in (str, int) for value in values)
        self.write(tag, " ".join(sorted(map(repr if plain else content_digest, values))))

    def is_repeated(self, value: Any) -> bool:
        """Whether this very object was written before: functions may name each other in circles."""
        if (number := self._numbers.get(id(value))) is not None:
            self.write("again", str(number))
            return True
        self._numbers[id(value)] = len(self._numbers)
        self._alive.append(value)  # nothing else may be given its identity meanwhile
        return False


def _write(digest: _ContentDigest, value: Any) -> None:
    """What is none of the kinds below."""
    kind = type(value)
    if isinstance(value, np.ufunc):
        digest.write("ufunc", f"{kind.__qualname__} {value!r}")
    else:
        name = f"{kind.__module__}.{kind.__qualname__}"
        raise NoContentDigest(f"nothing is known of what is in a {name}")


def _write_cached(digest: _ContentDigest, value: Any) -> None:
    digest.write("cached")
    digest.add(value.__wrapped__)


def _write_tuple(digest: _ContentDigest, value: Any) -> None:
    digest.add_all(type(value).__name__, value)
    if hasattr(value, "_fields"):
        _write_class(digest, type(value))


def _write_builtin(digest: _ContentDigest, value: Any) -> None:
    owner = value.__self__
    if owner is not None and not isinstance(owner, ModuleType):
        raise NoContentDigest(f"a method of a {type(owner).__qualname__}")
    digest.write("builtin", f"{value.__module__}.{value.__qualname__}")


def _write_plain(digest: _ContentDigest, value: Any) -> None:
    digest.write(type(value).__name__, repr(value))


def _write_number(digest: _ContentDigest, value: Any) -> None:
    """By its bits: there is more than one zero, and more than one NaN."""
    array = np.asarray(value)
    digest.write(type(value).__name__, f"{array.dtype!r}")
    digest.write("bits", array.tobytes())


def _write_array(digest: _ContentDigest, value: Any) -> None:
    contiguous = value.flags.c_contiguous or value.flags.f_contiguous
    if value.dtype.hasobject or value.nbytes > LARGEST_ARRAY_BYTES or not contiguous:
        raise NoContentDigest("an array of which the compiler keeps the address")
    digest.write("array", f"{value.dtype!r} {value.shape} {value.flags.f_contiguous}")
    digest.write("bits", value.tobytes())


def _write_enum(digest: _ContentDigest, value: enum.Enum) -> None:
    digest.write("member", repr(value.name))
    _write_class(digest, type(value))
    digest.add(value.value)


def _write_code(digest: _ContentDigest, code: CodeType) -> None:
    digest.write("code", _code_digest(code))


@cache
def _code_digest(code: CodeType) -> str:
    """Of the lines of a function alone; equal code objects are equal in all that counts here."""
    digest = _ContentDigest()
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    names = (code.co_name, code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars)
    digest.write("instructions", code.co_code)
    digest.write("shape", repr((counts, names, code.co_flags & _CODE_FLAGS)))
    digest.write("handlers", code.co_exceptiontable)
    digest.add_all("constants", code.co_consts)
    return digest.hexadecimal()


def _write_function(digest: _ContentDigest, function: FunctionType) -> None:
    digest.write("function", f"{function.__module__}.{function.__qualname__}")
    if is_known_by_name(function) or digest.is_repeated(function):
        return
    _write_code(digest, function.__code__)
    cells = [_cell_content(cell) for cell in function.__closure__ or ()]
    read = list(_read_by(function, cells))
    if _has_changed(function, [*cells, *(value for _, value in read)]) and digest.depth:
        raise NoContentDigest(f"what {function.__qualname__} reads has changed")
    digest.depth += 1
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
    digest.depth -= 1


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
        return f"{type(value).__name__} {value!r}"
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


def _write_dispatcher(digest: _ContentDigest, dispatcher: Any) -> None:
    """A compiled function; one of somebody else's may have been compiled under other conditions."""
    digest.write("compiled", str(dispatcher._can_compile))  # noqa: SLF001  # no public way
    if dispatcher.overloads and not hasattr(dispatcher._cache, "key"):  # noqa: SLF001
        raise NoContentDigest(f"{dispatcher.py_func.__qualname__} was compiled before")
    digest.add(dispatcher.targetoptions)
    digest.add(dict(dispatcher._compiler.locals))  # noqa: SLF001
    digest.add(dispatcher.py_func)


def _write_intrinsic(digest: _ContentDigest, intrinsic: Any) -> None:
    definition = intrinsic._defn  # noqa: SLF001  # no public way
    digest.write("intrinsic", f"{definition.__module__}.{definition.__qualname__}")
    if not is_of_the_engine(definition):
        digest.add(definition)
        return
    digest.add_all("cells", [_cell_content(cell) for cell in definition.__closure__ or ()])


def _write_partial(digest: _ContentDigest, partial: Any) -> None:
    digest.write("partial")
    digest.add(partial.func)
    digest.add(partial.args)
    digest.add(partial.keywords)


def _write_method(digest: _ContentDigest, method: MethodType) -> None:
    digest.write("method")
    digest.add(method.__func__)
    digest.add(method.__self__)


def _write_class(digest: _ContentDigest, kind: Any) -> None:
    digest.write("class", f"{kind.__module__}.{kind.__qualname__}")
    if is_known_by_name(kind):
        return
    if hasattr(kind, "class_type"):
        raise NoContentDigest("a class that is compiled")
    digest.add(getattr(kind, "_fields", ()))
    if issubclass(kind, enum.Enum):
        digest.add({name: member.value for name, member in kind.__members__.items()})
    digest.write("annotations", repr(vars(kind).get("__annotations__", {})))


def _write_type(digest: _ContentDigest, kind: Any) -> None:
    """One of Numba's types; most of them have a name that says all."""
    if hasattr(kind, "dispatcher"):
        digest.write("type", type(kind).__qualname__)
        digest.add(kind.dispatcher)
        return
    if " at 0x" in str(kind):
        raise NoContentDigest(f"the type {kind}")
    digest.write("type", f"{type(kind).__qualname__} {kind}")
    digest.add_all("parts", getattr(kind, "types", ()))  # of a tuple
    if hasattr(kind, "instance_class"):
        _write_class(digest, kind.instance_class)
    if isinstance(kind, types.ExternalFunction):
        digest.write("external", f"{kind.symbol} {kind.sig}")


def _write_signature(digest: _ContentDigest, signature: Any) -> None:
    digest.write("signature")
    digest.add(signature.return_type)
    digest.add(tuple(signature.args))


_WRITERS: tuple[tuple[Any, Callable[[_ContentDigest, Any], None]], ...] = (
    (enum.Enum, _write_enum),
    ((type(None), bool, int, str, bytes, type(Ellipsis), range), _write_plain),
    ((float, complex, np.generic), _write_number),
    ((tuple, list), _write_tuple),
    ((set, frozenset), lambda digest, value: digest.add_unordered("set", value)),
    (dict, lambda digest, value: digest.add_all("dict", value.items())),
    (np.ndarray, _write_array),
    (np.dtype, _write_plain),
    (CodeType, _write_code),
    (FunctionType, _write_function),
    (Dispatcher, _write_dispatcher),
    (Intrinsic, _write_intrinsic),
    (functools.partial, _write_partial),
    (MethodType, _write_method),
    (BuiltinFunctionType, _write_builtin),
    (type(cache(len)), _write_cached),
    (ModuleType, lambda digest, value: digest.write("module", value.__name__)),
    (types.Type, _write_type),
    (Signature, _write_signature),
    (type, _write_class),
)
"""Kinds of values, and how each is written; the first that fits counts."""

_WRITER_OF: dict[type, Callable[[_ContentDigest, Any], None]] = {}
"""The writer of every class of values that was met."""
