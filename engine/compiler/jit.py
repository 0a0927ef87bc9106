"""The one place that configures the compiler.

The same source runs as plain Python over NumPy when Numba is switched off
(``NUMBA_DISABLE_JIT=1``): slow, but it can be stepped through with a debugger.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from inspect import isgeneratorfunction, signature
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba.core import config as _config
from numba.extending import register_jitable

from engine.compiler.cache import KernelCache
from engine.compiler.origins import remember_source
from engine.compiler.symbols import KernelCompiler

__all__ = [
    "COMPILED",
    "Kernel",
    "address",
    "always_inline",
    "compiled",
    "compiled_exactly",
    "garbage_kept",
    "interpreted",
    "is_at_hand",
    "is_being_compiled",
    "jittable",
    "kernel",
]

Kernel: TypeAlias = Callable[..., Any]
Function = TypeVar("Function", bound=Kernel)

_inside = register_jitable(no_cpython_wrapper=True, no_cfunc_wrapper=True)
"""For functions that only compiled ones call: nothing is made that Python or C could call."""

config: Any = _config
"""Numba's settings, which have no types."""

COMPILED = not config.DISABLE_JIT
"""Whether Numba is at work; otherwise the same functions run as plain Python."""

_FASTMATH = {"contract", "reassoc", "arcp", "nsz"}
"""Freedoms for the compiler. Not among them: to assume that NaN and infinity do not occur."""


def compiled(function: Function) -> Function:
    """Compile ``function`` at its first call, or load it from the disk cache.

    It runs without the interpreter lock, and without the runtime that allocates arrays and counts
    references to them: what would allocate does not compile, and a part of an array is passed on
    for the price of its address. A division by zero is infinite, as everywhere in NumPy;
    the check that Python makes instead would keep loops from being vectorised. In plain Python
    floating-point accidents are as silent as they are in machine code.
    """
    return _compiled(function)


def compiled_exactly(function: Function) -> Function:
    """Compile a function without freedoms: every operation as written, as in NumPy."""
    return _compiled(function, fastmath=set())


def always_inline(function: Function) -> Function:
    """Compile a function whose lines are taken over by the compiled functions that call it.

    That spares the compiler a function of its own, with all arrays of a program as arguments. It is
    for functions that are called in one place or two.
    """
    return _compiled(function, inline="always")


def kernel(function: Function, parameters: tuple[str, ...] | None = None) -> Function:
    """Compile a function that is called through its address only: Python cannot call it.

    ``parameters`` are the names of what it is called with, in that order. The function may have
    fewer parameters, in another order: each is given the value of its name.
    """
    return _compiled(function, parameters, no_cpython_wrapper=True)


def _compiled(
    function: Function, parameters: tuple[str, ...] | None = None, **options: Any
) -> Function:
    if not COMPILED:
        return interpreted(function, parameters)
    usual: dict[str, Any] = {
        "nogil": True,
        "fastmath": _FASTMATH,
        "error_model": "numpy",
        "_nrt": False,
        "no_cfunc_wrapper": True,
    }
    if isgeneratorfunction(function):
        raise TypeError(f"{function.__name__} is a generator: make it @jittable, not @compiled")
    chosen = usual | options
    remember_source(function)
    cache = KernelCache(function, {**chosen, "parameters": parameters})
    pipeline: Any = partial(KernelCompiler, cache=cache, parameters=parameters)
    compiler: Any = numba.njit(pipeline_class=pipeline, **chosen)
    dispatcher: Any = compiler(function)
    dispatcher._cache = cache  # noqa: SLF001  # there is no public way
    dispatcher._compiler._failed_cache = _Forgetful()  # noqa: SLF001  # so that it gives up locks
    return cast(Function, dispatcher)


def interpreted(function: Function, parameters: tuple[str, ...] | None = None) -> Function:
    """The function as plain Python, called as its machine code is; NumPy warns of nothing in it."""
    own = tuple(signature(function).parameters)
    indices = None if parameters is None else tuple(map(parameters.index, own))

    @wraps(function)
    def quiet(*arguments: Any) -> Any:
        taken = arguments if indices is None else [arguments[index] for index in indices]
        with np.errstate(all="ignore"):
            return function(*taken)

    return cast(Function, quiet)


class _Forgetful(dict[Any, Any]):
    """A mapping that stays empty: whoever compiles again after a failure gets as far as before."""

    def __setitem__(self, key: Any, value: Any) -> None:
        pass


def jittable(function: Function) -> Function:
    """Mark a plain function as usable inside kernels; it stays callable from Python."""
    remember_source(function)
    marked: Function = _inside(function)
    return marked


def address(kernel: Any, signature: Any) -> int:
    """The address of the machine code of a compiled function for one signature.

    The linker is asked for it once.
    """
    known: dict[Any, int] = kernel._cache.addresses  # noqa: SLF001  # as above
    arguments = _arguments(signature)
    if arguments not in known:
        kernel.compile(signature)
        result = kernel.overloads[arguments]
        known[arguments] = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    return known[arguments]


@contextmanager
def garbage_kept() -> Iterator[None]:
    """For compiling much: it makes millions of objects, few of which are garbage in cycles.

    To look for those again and again would take a tenth of the time.
    """
    looked_for = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked_for:
            gc.enable()


def is_at_hand(kernel: Any, signature: Any) -> bool:
    """Whether machine code of a kernel for a signature is in this process or on the disk."""
    cache: KernelCache = kernel._cache  # noqa: SLF001  # as above
    return _arguments(signature) in kernel.overloads or cache.holds(signature, kernel.targetctx)


def is_being_compiled(kernel: Any, signature: Any) -> bool:
    """Whether another process is compiling a kernel for a signature at this moment."""
    cache: KernelCache = kernel._cache  # noqa: SLF001  # as above
    return cache.is_in_work(signature, kernel.targetctx)


def _arguments(signature: Any) -> tuple[Any, ...]:
    return tuple(getattr(signature, "args", signature))
