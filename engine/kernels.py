"""Kernels: small functions of common signatures, called through their addresses.

A network is a list of operations, an operation a pair of kernels (forward, backward), and every
kernel of a type has the same signature. So one compiled loop (``program/loop.py``) can run any
network through addresses of machine code, and a new layer, loss or optimizer compiles its own few
lines only.

A kernel names the arguments that it reads, as many as it needs and in any order: the loop passes
all that its type has. These are, with ``m`` rows in the mini-batch and all arrays C-contiguous and
of the network's precision:

``forward(x, y, theta, state, scratch, constants, operation_key, training)``
    reads x (m, inputs), writes y (m, outputs). ``theta`` is the operation's own slice of the
    parameter vector, ``state`` of the running statistics, ``scratch`` is kept until the backward
    pass, ``constants`` holds its hyper-parameters, ``operation_key`` (uint64) is the key of its
    random numbers in this step. An operation with a bias also writes z = x + b back into x.
``backward(x, y, dy, dx, theta, state, scratch, constants, operation_key)``
    reads dy = dL/dy and writes dx = dL/dx (unless dx is empty: nobody needs it). An operation that
    works in place turns dy into dx itself, and ignores dx.
``gradient(x, dy, gradient, scratch, start, stop)``
    writes the operation's own slice of the gradient, as far as it belongs to the units numbered
    ``start`` to ``stop`` - 1. x and dy (dx, where the operation works in place) hold all rows.
``forward_units(x, y, theta, scratch, start, stop)``
    writes columns of y for all rows: those of the units numbered ``start`` to ``stop`` - 1.
``backward_inputs(dy, dx, theta, scratch, start, stop)``
    writes columns of dx = dL/dx for all rows: those of the inputs ``start`` to ``stop`` - 1.
``loss(z, target, weight, prediction, dz, losses, constants, count)``
    writes the prediction, the loss of each row, (m,) in double precision, and dL/dz of the *mean*
    loss over the ``count`` rows of the mini-batch. ``weight`` (m,) is a factor for each row.
``accumulate_metrics(prediction, target, totals)``
    adds what the metrics need to ``totals`` (float64).
``augment(x, spare, target, constants, operation_key)``
    changes a mini-batch, x (m, inputs) and its targets, before the forward pass; ``spare`` is
    working memory, enough for a copy of both.
``transform_gradient(theta, gradient, blocks, constants)``
    changes the gradient before it is used: adds a regularizer's, or clips. Every row of
    ``blocks`` (int64) is a weight matrix: its start and stop in the vector, and its row length.
``update(theta, gradient, slots, scalars, blocks, rate, step, start, stop, constants)``
    one step of the optimizer for the parameters numbered ``start`` to ``stop`` - 1. ``slots``
    (k, n) and ``scalars`` (float64) are its memory, zero at first; steps count from 1.
``project(theta, blocks, rate, constants)``
    moves the weights to where they may be, after the update.

A team of threads (``program/threads.py``) partitions the rows of forward, backward and loss, the
units of gradient and forward_units, the inputs of backward_inputs, and the parameters of update.
Kernels of the types accumulate_metrics, augment, transform_gradient and project are called by one
thread, for everything.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic
from numba.np.numpy_support import as_dtype

from engine.compiler.arrays import Array, Number, larger, like, part, put, smaller, view
from engine.compiler.exponentials import exp_minus_one, exp_of_negative, hyperbolic_tangent
from engine.compiler.jit import (
    COMPILED,
    Kernel,
    address,
    always_inline,
    compiled,
    compiled_exactly,
    interpreted,
    jittable,
    kernel,
)
from engine.compiler.linking import called
from engine.compiler.logarithms import log_of_normal, log_one_plus
from engine.compiler.matmul import (
    add_up_rows,
    matmul_nn,
    matmul_nt,
    matmul_tn,
    workspace,
)

__all__ = [
    "COMPILED",
    "Array",
    "Kernel",
    "Number",
    "add_bias",
    "advanced",
    "always_inline",
    "call",
    "compiled",
    "compiled_exactly",
    "exp_minus_one",
    "exp_of_negative",
    "hyperbolic_tangent",
    "interpreted_kernel",
    "jittable",
    "kernel_of",
    "larger",
    "like",
    "log_of_normal",
    "log_one_plus",
    "matmul_nn",
    "matmul_nt",
    "matmul_tn",
    "part",
    "pointers",
    "put",
    "random_bits",
    "random_normal",
    "random_uniform",
    "signature",
    "smaller",
    "sum_rows",
    "view",
    "workspace",
]


@jittable
def random_bits(key: np.uint64, counter: np.uint64) -> np.uint64:
    """64 random bits for one counter under one key: the SplitMix64 generator.

    Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    """
    bits = key + (counter + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


@jittable
def advanced(key: np.uint64, count: np.uint64) -> np.uint64:
    """A key whose counter c gives the random bits of counter ``count`` + c under ``key``."""
    return key + count * np.uint64(0x9E3779B97F4A7C15)


@jittable
def random_uniform(key: np.uint64, counter: np.uint64) -> float:
    """A number from 0 to below 1 for one counter under one key."""
    uniform: float = np.float64(random_bits(key, counter) >> np.uint64(11)) / 9007199254740992.0
    return uniform


@jittable
def random_normal(key: np.uint64, counter: np.uint64) -> float:
    """A standard normal number for one counter under one key.

    Source: Box, Muller, "A note on the generation of random normal deviates", 1958.
    """
    bits = random_bits(key, counter)
    radius = np.float64((bits >> np.uint64(32)) + np.uint64(1)) / 4294967296.0
    angle = np.float64(bits & np.uint64(0xFFFFFFFF)) / 4294967296.0
    normal: float = np.sqrt(-2.0 * np.log(radius)) * np.cos(2.0 * np.pi * angle)
    return normal


@jittable
def add_bias(x: Array, theta: Array) -> None:
    """Add the bias in place, z = x + b; an operation without a bias has an empty theta."""
    rows, units = x.shape
    if theta.size:
        for i in range(rows):
            for j in range(units):
                x[i, j] += theta[j]


def sum_rows(dy: Array, gradient: Array, start: Number, stop: Number) -> None:
    """The gradient of a bias: dL/db = the sum of delta = dL/dz over the rows."""
    add_up_rows(dy, gradient, start, stop)


_ARGUMENTS = {
    "forward": (
        "x:matrix y:matrix theta:vector state:vector scratch:vector constants:vector "
        "operation_key:bits training:flag"
    ),
    "backward": (
        "x:matrix y:matrix dy:matrix dx:matrix theta:vector state:vector scratch:vector "
        "constants:vector operation_key:bits"
    ),
    "gradient": "x:matrix dy:matrix gradient:vector scratch:vector start:count stop:count",
    "forward_units": "x:matrix y:matrix theta:vector scratch:vector start:count stop:count",
    "backward_inputs": "dy:matrix dx:matrix theta:vector scratch:vector start:count stop:count",
    "loss": (
        "z:matrix target:matrix weight:vector prediction:matrix dz:matrix losses:totals "
        "constants:vector count:count"
    ),
    "accumulate_metrics": "prediction:matrix target:matrix totals:totals",
    "augment": "x:matrix spare:vector target:matrix constants:vector operation_key:bits",
    "transform_gradient": "theta:vector gradient:vector blocks:blocks constants:vector",
    "update": (
        "theta:vector gradient:vector slots:matrix scalars:totals blocks:blocks rate:double "
        "step:count start:count stop:count constants:vector"
    ),
    "project": "theta:vector blocks:blocks rate:double constants:vector",
}
"""The arguments of each type of kernel, in the order above: their names and what they are."""


def signature(kernel_type: str, dtype: np.dtype[Any]) -> Any:
    """What a type of kernel takes and returns, in a precision."""
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
    return types.void(*(kinds[kind] for _, kind in _arguments(kernel_type)))


def _arguments(kernel_type: str) -> list[tuple[str, str]]:
    """The names of the arguments of a type of kernel, and what each of them is."""
    pairs = (argument.split(":") for argument in _ARGUMENTS[kernel_type].split())
    return [(name, kind) for name, kind in pairs]


def _parameters(kernel_type: str, function: Kernel) -> tuple[str, ...]:
    """The names of the arguments of a type of kernel, of which a function takes some.

    Raises TypeError where it takes another one.
    """
    names = tuple(name for name, _ in _arguments(kernel_type))
    if unknown := [name for name in inspect.signature(function).parameters if name not in names]:
        raise TypeError(
            f"{function.__name__}: a {kernel_type} kernel has no argument {unknown[0]!r}; it may "
            f"name {', '.join(names)}."
        )
    return names


_COMPILED: dict[tuple[str, Kernel], Any] = {}
"""Every kernel in use: machine code lives as long as the object that owns it."""


def kernel_of(kernel_type: str, function: Kernel) -> Kernel:
    """The compiled kernel of a function, always the same one.

    Raises TypeError where the function names an argument that its type of kernel has not.
    """
    key = kernel_type, function
    if key not in _COMPILED:
        _COMPILED[key] = kernel(function, _parameters(kernel_type, function))
    made: Kernel = _COMPILED[key]
    return made


def interpreted_kernel(kernel_type: str, function: Kernel) -> Kernel:
    """A function as plain Python that is called with all arguments of its type of kernel."""
    return interpreted(function, _parameters(kernel_type, function))


def pointers(kernel_type: str, dtype: np.dtype[Any], functions: Sequence[Kernel]) -> Any:
    """The machine code of kernels of one type, as ``call`` takes it: addresses, (n,) int64."""
    kernels = [kernel_of(kernel_type, function) for function in functions]
    if not COMPILED:
        return kernels
    wanted = signature(kernel_type, dtype)
    return np.array([address(each, wanted) for each in kernels], dtype=np.int64)


def _call(typing_context: Any, kernel_type: Any, address: Any, *arguments: Any) -> Any:
    """Call the kernel at an address, from compiled code; ``kernel_type`` is a literal.

    The arguments are held against the signature of the type when the caller is compiled.
    """
    given = types.StarArgTuple(arguments)
    wanted = signature(kernel_type.literal_value, as_dtype(arguments[0].dtype))
    for have, want in zip(given, wanted.args, strict=True):
        if have != want and typing_context.can_convert(have, want) is None:
            raise TypingError(f"a {kernel_type.literal_value} kernel takes {want}, not {have}")

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        _, pointer, packed = values
        kind = context.call_conv.get_function_type(wanted.return_type, wanted.args).as_pointer()
        callee, numbers = builder.inttoptr(pointer, kind), cgutils.unpack_tuple(builder, packed)
        return called(context, builder, callee, wanted, given, numbers)

    return wanted.return_type(kernel_type, address, given), generate


call: Kernel
if COMPILED:
    call = intrinsic(prefer_literal=True)(_call)
else:

    def call(kernel_type: str, kernel: Kernel, *arguments: Any) -> Any:
        """Call a kernel: without the compiler, as any other function."""
        return kernel(*arguments)
