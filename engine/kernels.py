"""Kernels: small functions of common signatures, and the one place that configures the compiler.

A network is a list of operations, an operation a pair of kernels (forward, backward), and every
kernel of a sort has the same signature. So one compiled loop (``loop.py``) can walk any network
through addresses of machine code, and a new layer, loss or optimizer compiles its own few lines
only.

The same source runs as plain Python over NumPy when Numba is switched off
(``NUMBA_DISABLE_JIT=1``): slow, but it can be stepped through with a debugger.

Signatures, with ``m`` rows in the mini-batch, all arrays C-contiguous and of the network's
precision:

``forward(x, y, theta, state, scratch, constants, draw, training)``
    reads x (m, inputs), writes y (m, outputs). ``theta`` is the operation's own slice of the
    parameter vector, ``state`` of the running statistics, ``scratch`` is kept until the backward
    pass, ``constants`` holds its hyper-parameters, ``draw`` (uint64) is the key of its random
    numbers in this step. An operation with a bias also writes z = x + b back into x.
``backward(x, y, dy, dx, theta, gradient, state, scratch, constants, draw)``
    reads dy = dL/dy, writes dx = dL/dx (unless dx is empty: nobody needs it) and its slice of the
    gradient. An operation that works in place turns dy into dx itself, and ignores dx.
``loss(z, target, weight, prediction, dz, constants) -> total``
    writes the prediction and dL/dz of the *mean* loss over the rows; returns the *sum* over rows.
    ``weight`` (m,) is a factor for each row.
``tally(prediction, target, totals)``
    adds what the metrics need to ``totals`` (float64).
``augment(x, spare, target, constants, draw)``
    changes a mini-batch, x (m, inputs) and its targets, before the forward pass; ``spare`` is
    working memory, enough for a copy of both.
``adjust(theta, gradient, blocks, constants)``
    changes the gradient before it is used: adds a regularizer's, or clips. Every row of
    ``blocks`` (int64) is a weight matrix: its start and stop in the vector, and its row length.
``update(theta, gradient, slots, scalars, blocks, rate, step, constants)``
    one step of the optimizer over the flat vector. ``slots`` (k, n) and ``scalars`` (float64)
    are its memory, zero at first; steps count from 1.
``project(theta, blocks, rate, constants)``
    moves the weights to where they may be, after the update.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeAlias, TypeVar, cast

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core import config as _config
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload, register_jitable
from numba.np.numpy_support import as_dtype

__all__ = [
    "COMPILED",
    "Array",
    "Kernel",
    "Number",
    "add_bias",
    "call",
    "compiled",
    "compiled_exactly",
    "inlined",
    "like",
    "pointers",
    "random_bits",
    "random_normal",
    "random_uniform",
    "source_digest",
    "sum_rows",
]

Array: TypeAlias = Any
"""In kernels: an array of the network's precision. Numba infers the rest, and mypy looks away."""
Number: TypeAlias = Any
"""In kernels: one number of an array, or a scalar argument."""
Kernel: TypeAlias = Callable[..., Any]
Function = TypeVar("Function", bound=Kernel)

config: Any = _config
"""Numba's settings, which have no types."""

COMPILED = not config.DISABLE_JIT
"""Whether Numba is at work; otherwise the same functions run as plain Python."""

_FLAGS = {"contract", "reassoc", "arcp", "nsz"}
"""Freedoms for the compiler. Not among them: to assume that NaN and infinity do not occur."""


@cache
def source_digest() -> str:
    """What tells states of the engine's source, and of the compiler, apart."""
    digest = hashlib.sha256(numba.__version__.encode())
    for source in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> str:
    """Where machine code is kept: one folder per state of the engine's source.

    Numba notices a change in the file of a kernel, not in the functions inlined into it, so the
    name of the folder is a digest of all of them.
    """
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        base.mkdir(parents=True, exist_ok=True)
        writable = os.access(base, os.W_OK)
    except OSError:
        writable = False
    root = base if writable else Path(tempfile.gettempdir())
    return str(root / "trainyard" / f"kernels-{source_digest()}")


def compiled(function: Function) -> Function:
    """Compile ``function`` at its first call, or load it from the disk cache.

    It runs without the interpreter lock. A division by zero is infinite, as everywhere in NumPy;
    the check that Python makes instead would keep loops from being vectorised. In plain Python
    floating-point accidents are as silent as they are in machine code.
    """
    return _compile(function, _FLAGS)


def compiled_exactly(function: Function) -> Function:
    """The same, without freedoms for the compiler: every operation as written, as in NumPy."""
    return _compile(function, set())


def _compile(function: Function, freedoms: set[str]) -> Function:
    if not COMPILED:

        @wraps(function)
        def quiet(*arguments: Any) -> Any:
            with np.errstate(all="ignore"):
                return function(*arguments)

        return cast(Function, quiet)
    before = config.CACHE_DIR
    config.CACHE_DIR = before or cache_folder()
    try:
        compiler = numba.njit(cache=True, nogil=True, fastmath=freedoms, error_model="numpy")
        return cast(Function, compiler(function))
    finally:
        config.CACHE_DIR = before


def inlined(function: Function) -> Function:
    """Mark a plain function as usable inside kernels; it stays callable from Python."""
    marked: Function = register_jitable(function)
    return marked


def like(example: Number, value: float) -> Number:
    """``value`` in the precision of ``example``, so that float32 stays float32."""
    return type(example)(value)


@overload(like, inline="always")
def _like(example: Number, value: Number) -> Number:
    precision = example

    def cast_value(example: Number, value: Number) -> Number:
        return precision(value)

    return cast_value


@inlined
def random_bits(draw: np.uint64, counter: np.uint64) -> np.uint64:
    """64 random bits for one counter under one key: the SplitMix64 generator.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    bits = draw + (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@inlined
def random_uniform(draw: np.uint64, counter: np.uint64) -> float:
    """A number from 0 to below 1 for one counter under one key."""
    uniform: float = np.float64(random_bits(draw, counter) >> np.uint64(11)) / 9007199254740992.0
    return uniform


@inlined
def random_normal(draw: np.uint64, counter: np.uint64) -> float:
    """A standard normal number for one counter under one key.

    Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
    """
    bits = random_bits(draw, counter)
    radius = np.float64((bits >> np.uint64(32)) + np.uint64(1)) / 4294967296.0
    angle = np.float64(bits & np.uint64(0xFFFFFFFF)) / 4294967296.0
    normal: float = np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle)
    return normal


@inlined
def add_bias(x: Array, theta: Array) -> None:
    """Add the bias in place, z = x + b; an operation without a bias has an empty theta."""
    rows, units = x.shape
    if theta.size:
        for i in range(rows):
            for j in range(units):
                x[i, j] += theta[j]


@inlined
def sum_rows(delta: Array, gradient: Array) -> None:
    """dL/db = the sum of delta over the rows."""
    rows, units = delta.shape
    if gradient.size:
        gradient[:] = 0
        for i in range(rows):
            for j in range(units):
                gradient[j] += delta[i, j]


_ARGUMENTS = {
    "forward": "matrix matrix vector vector vector vector bits flag",
    "backward": "matrix matrix matrix matrix vector vector vector vector vector bits",
    "loss": "matrix matrix vector matrix matrix vector",
    "tally": "matrix matrix totals",
    "augment": "matrix vector matrix vector bits",
    "adjust": "vector vector blocks vector",
    "update": "vector vector matrix totals blocks double count vector",
    "project": "vector blocks double vector",
}
"""The arguments of each sort of kernel, in the order given above."""


def _signature(sort: str, dtype: np.dtype[Any]) -> Any:
    real = numba.from_dtype(dtype)
    kinds = {
        "vector": types.Array(real, 1, "C"),
        "matrix": types.Array(real, 2, "C"),
        "totals": types.Array(types.float64, 1, "C"),
        "blocks": types.Array(types.int64, 2, "C"),
        "bits": types.uint64,
        "flag": types.boolean,
        "double": types.float64,
        "count": types.int64,
    }
    returned = types.float64 if sort == "loss" else types.void
    return returned(*(kinds[name] for name in _ARGUMENTS[sort].split()))


_COMPILED: dict[Kernel, Any] = {}
"""Every kernel in use: machine code lives as long as the object that owns it."""


def pointers(sort: str, dtype: np.dtype[Any], functions: Sequence[Kernel]) -> Any:
    """Kernels of one sort as what ``call`` takes: addresses of machine code, (n,) int64."""
    for function in functions:
        if function not in _COMPILED:
            _COMPILED[function] = compiled(function)
    kernels = [_COMPILED[function] for function in functions]
    if not COMPILED:
        return kernels
    signature = _signature(sort, dtype)
    return np.array([_address(kernel, signature) for kernel in kernels], dtype=np.int64)


def _address(kernel: Any, signature: Any) -> int:
    kernel.compile(signature)
    result = kernel.get_compile_result(signature)
    address: int = result.library.get_pointer_to_function(result.fndesc.llvm_func_name)
    return address


def _call(typing_context: Any, sort: Any, address: Any, *arguments: Any) -> Any:
    """Call the kernel at an address, from compiled code; ``sort`` is a literal.

    The arguments are held against the signature of the sort when the caller is compiled.
    """
    given = types.StarArgTuple(arguments)
    wanted = _signature(sort.literal_value, as_dtype(arguments[0].dtype))
    for have, want in zip(given, wanted.args, strict=True):
        if have != want and typing_context.can_convert(have, want) is None:
            raise TypingError(f"a {sort.literal_value} kernel takes {want}, not {have}")

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, pointer, packed = values
        convention = context.call_conv
        numbers = [
            context.cast(builder, value, have, want)
            for value, have, want in zip(
                cgutils.unpack_tuple(builder, packed), given, wanted.args, strict=True
            )
        ]
        kind = convention.get_function_type(wanted.return_type, wanted.args).as_pointer()
        status, result = convention.call_function(
            builder, builder.inttoptr(pointer, kind), wanted.return_type, wanted.args, numbers
        )
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return result

    return wanted.return_type(sort, address, given), generate


call: Kernel
if COMPILED:
    call = intrinsic(prefer_literal=True)(_call)
else:

    def call(sort: str, kernel: Kernel, *arguments: Any) -> Any:
        """Call a kernel: without the compiler, as any other function."""
        return kernel(*arguments)
