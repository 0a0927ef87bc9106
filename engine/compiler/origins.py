"""The origins of functions and classes: which are known by their name, which by their file."""

from __future__ import annotations

import hashlib
import sys
import sysconfig
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

import llvmlite
import numba
import numpy as np

__all__ = ["is_known_by_name", "is_of_the_engine", "remember_source", "source_digest_of"]

_ENGINE = __name__.partition(".")[0]
_VERSIONED = tuple(Path(str(package.__file__)).parent for package in (llvmlite, numba, np))
"""Folders of packages whose versions are part of the name of the cache folder."""
_STANDARD = tuple({Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")})
_INSTALLED = {"site-packages", "dist-packages"}

_SOURCES: WeakKeyDictionary[FunctionType, str] = WeakKeyDictionary()
"""Digests of the files that functions are from, as they were when a function was decorated."""


def is_known_by_name(value: Any) -> bool:
    """Whether a module, class or function is of Python, NumPy, Numba or llvmlite: told by its name.

    A module of a user's own may have the name of one of Python's; its file tells.
    """
    name = _module_of(value)
    if name == "__main__":  # a tool of Python's may run a user's code under this name
        return False
    return _is_versioned(name, getattr(sys.modules.get(name), "__file__", None))


def _module_of(value: Any) -> str:
    """The name of the module that defines a value; of a function whatever it says of itself."""
    if isinstance(value, FunctionType):
        return str(value.__globals__.get("__name__") or "")
    return str((value.__name__ if isinstance(value, ModuleType) else value.__module__) or "")


@cache
def _is_versioned(name: str, file: str | None) -> bool:
    if file is None:
        return name in sys.builtin_module_names or name.partition(".")[0] in sys.stdlib_module_names
    path = Path(file)
    if any(path.is_relative_to(folder) for folder in _VERSIONED):
        return True
    standard = any(path.is_relative_to(folder) for folder in _STANDARD)
    return standard and _INSTALLED.isdisjoint(path.parts)


def is_of_the_engine(function: Any) -> bool:
    """Whether a function is one of the engine's, whose source has a digest as a whole."""
    return _module_of(function).partition(".")[0] == _ENGINE


def remember_source(function: Any) -> None:
    """Read the file of a function now, as it is imported: later it may be another."""
    if isinstance(function, FunctionType) and not is_of_the_engine(function):
        _SOURCES[function] = _file_digest(function.__code__.co_filename)


def source_digest_of(function: FunctionType) -> str:
    """The digest of a function's file: what it defines may be registered with the compiler."""
    if function not in _SOURCES:
        remember_source(function)
    return _SOURCES.get(function, "")


def _file_digest(name: str) -> str:
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest()
    except OSError:  # typed in, not written down
        return ""
