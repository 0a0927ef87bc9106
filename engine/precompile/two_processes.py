"""The second core: two processes compile what a training needs, one from each end of the list.

Numba compiles one function at a time in a process, so a second process it is. It begins with the
loops, this one with the kernels; each leaves what it made in the cache on the disk, and passes over
what is there, or is being made. Where that does not work out, this process compiles everything
itself: nothing depends on the other one but time.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from engine.compiler.folders import cache_folder
from engine.compiler.jit import COMPILED, Kernel, garbage_kept
from engine.precompile.inventory import CompilationUnit, units
from engine.program.signatures import TRAINING, loop_calls
from engine.program.threads import available_cores

__all__ = ["compile_in_two", "compile_places"]

NO_GARBAGE = "import gc; gc.disable(); "
"""Some imports and a few compilations make none that is worth looking for."""
MAX_SECONDS = 60.0
"""The longest time that this process waits for the other one."""


def compile_in_two(dtype: np.dtype[Any], kernels: Mapping[str, Sequence[Kernel]]) -> None:
    """Compile the kernels of a training, by their types, and the loops that walk them.

    Where the loops are there, the few kernels that may be missing are not worth a process.
    """
    if not COMPILED:
        return
    loops = [
        CompilationUnit(call, types)
        for call, types in loop_calls(dtype)
        if call.__name__ in TRAINING
    ]
    if all(loop.is_compiled() for loop in loops):
        return
    wanted = [
        CompilationUnit.of(kernel_type, dtype, each)
        for kernel_type, some in kernels.items()
        for each in some
    ]
    work = [*wanted, *reversed(loops)]
    with _another_process(reversed(work)), garbage_kept():
        _compile(work)


def compile_places(places: Iterable[int]) -> None:
    """Compile the units at these indices of ``units()``."""
    listed = units()
    _compile(listed[place] for place in places)


def _compile(work: Iterable[CompilationUnit]) -> None:
    for unit in work:
        if not unit.is_compiled() and not unit.is_being_compiled():
            unit.compile()


@contextmanager
def _another_process(work: Iterable[CompilationUnit]) -> Iterator[None]:
    """Run a process that compiles the units listed, and wait for it at the end."""
    process = None
    if available_cores() > 1 and cache_folder() is not None:
        listed = {unit: place for place, unit in enumerate(units())}
        places = [listed[unit] for unit in dict.fromkeys(work) if unit in listed]
        order = f"{NO_GARBAGE}from {__name__} import compile_places; compile_places({places})"
        with contextlib.suppress(OSError):  # no interpreter to start: an embedded one
            process = subprocess.Popen(  # noqa: S603  # ourselves
                [sys.executable, "-P", "-c", order],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
    try:
        yield
    finally:
        if process is not None:
            _wait(process)


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(MAX_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
