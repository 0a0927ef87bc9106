"""Machine code on the disk: compiled once, loaded by every process after that.

Numba's own cache keeps an index of entries for each function. Two processes that compile
different kernels of one function at a time (all activations are made by one) can each write an
index, and one of them then names the other's machine code. Here every entry is one file, whose
name says everything the machine code depends on, and which is written whole or not at all. What
cannot be read or written is compiled again: a full disk or a read-only folder costs time,
nothing else.
"""

from __future__ import annotations

import logging
import pickle
import sys
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any
from uuid import uuid4

from numba.core import config as _config
from numba.core import sigutils
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from engine.compiler.digest import ContentAddressed, content_digest
from engine.compiler.entries import read_entry, write_entry
from engine.compiler.folders import cache_folder, shipped_folder, source_is_current
from engine.compiler.locks import (
    LOCK_TIMEOUT_SECONDS,
    NESTED_LOCK_TIMEOUT_SECONDS,
    CompileLock,
    is_locked,
)
from engine.compiler.symbols import SymbolConflict, can_be_loaded, verify_symbols

__all__ = ["KernelCache"]

logger = logging.getLogger(__name__)

config: Any = _config


_RESULTS: dict[str, Any] = {}
"""All machine code of this process, by its key: it stays for as long as addresses may be in use."""
_LOCKS: dict[str, CompileLock] = {}
"""The locks that this process holds, by the names of entries."""


class KernelCache(ContentAddressed):
    """The entries of one function; a dispatcher of Numba's asks it before it compiles.

    A function whose module cannot be imported by its name is compiled by every process: machine
    code looks for the variables of its module when it is loaded. So is one that depends on a value
    of which nothing but its identity is known: its keys are private.

    A lock begins in ``load_overload``, when it returns None: the caller compiles. It ends in
    ``save_overload`` or, where compiling fails, in ``KernelCompiler.compile_extra``.

    ``load_overload``, ``save_overload`` and ``cache_path`` are what Numba calls; the rest of its
    interface (switching a cache off, emptying it) is not used.
    """

    def __init__(self, function: Any, options: Any) -> None:
        self._function: FunctionType = function
        self._options = content_digest(options)
        self._is_importable = function.__module__ in sys.modules
        self._is_private = False
        self._private_keys: dict[Any, str] = {}
        self._keys_in_work: dict[Any, str] = {}
        self.addresses: dict[Any, int] = {}
        """Where the machine code lies, by argument types: looked up once."""

    @property
    def cache_path(self) -> str | None:
        """Numba shows it in its statistics."""
        folder = cache_folder()
        return None if folder is None else str(folder)

    def key_in_work(self, arguments: Any, returned: Any) -> str:
        """The key under which the machine code for a signature is being compiled."""
        return self._keys_in_work[tuple(arguments), returned]

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The machine code for a signature; None if it has to be compiled, here and now.

        Where another process is compiling it at this moment, its machine code is waited for.
        """
        key = self.current_key(signature, target)
        result = _RESULTS.get(key) or self._from_disk(key, target)
        arguments, returned = sigutils.normalize_signature(signature)
        if result is not None and tuple(result.signature.args) != tuple(arguments):
            self._become_private("an argument's class was defined again")
            key, result = self.current_key(signature, target), None
        self._keys_in_work[tuple(arguments), returned] = key
        if result is None:
            return None
        _RESULTS[key] = result
        # Numba forgets the entry point of a dispatcher that is gone.
        entry = target.get_executable(result.library, result.fndesc, result.environment)
        return result._replace(entry_point=entry)

    def _from_disk(self, key: str, target: Any) -> Any:
        """The machine code of an entry; else None, with the lock to compile it."""
        if not self._is_kept:
            return None
        name = self._file(key)
        payload = _read(name)
        if payload is None and name not in _LOCKS and (folder := cache_folder()) is not None:
            # Whoever holds another lock may be what the holder of this one waits for.
            patience = NESTED_LOCK_TIMEOUT_SECONDS if _LOCKS else LOCK_TIMEOUT_SECONDS
            _LOCKS[name] = CompileLock(_lock(folder, name), patience)
            payload = _read(name)
            if payload is not None:
                self.release(key)
        return None if payload is None else _rebuilt(target, payload, key)

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep machine code, if that is possible, and if what it depends on is still the same."""
        key = result.fndesc.uid
        try:
            if self.current_key(signature, result.target_context) != key:
                return  # a constant has changed meanwhile: nobody knows which value was compiled
            # Not what is of this compilation, and refers to the function and what it encloses.
            _RESULTS[key] = result._replace(metadata=None, type_annotation="")
            folder = cache_folder() if self._is_kept else None
            if folder is not None and can_be_loaded(result.library) and source_is_current():
                _keep(folder / self._file(key), result)
        finally:
            self.release(key)

    def release(self, key: str) -> None:
        """Release the lock on a key: its machine code is stored, or never will be."""
        if (lock := _LOCKS.pop(self._file(key), None)) is not None:
            lock.release()

    def holds(self, signature: Any, target: Any) -> bool:
        """Whether there is machine code for a signature."""
        key = self.current_key(signature, target)
        return key in _RESULTS or (self._is_kept and _read(self._file(key)) is not None)

    def is_in_work(self, signature: Any, target: Any) -> bool:
        """Whether another process is compiling the machine code for a signature."""
        name, folder = self._file(self.current_key(signature, target)), cache_folder()
        if not self._is_kept or folder is None or name in _LOCKS:
            return False
        return is_locked(_lock(folder, name))

    @property
    def _is_kept(self) -> bool:
        return self._is_importable and not self._is_private

    def current_key(self, signature: Any, target: Any) -> str:
        """The key for a signature: of the function as it is now, its options, the processor."""
        target.refresh()
        arguments, returned = sigutils.normalize_signature(signature)
        parts = (_platform(target.codegen()), self._options, tuple(arguments), returned)
        key = ""
        try:
            # Also where the key is private: it notes what functions read when they were compiled.
            key = content_digest(self._function, *parts)
        except Exception as error:  # noqa: BLE001  # values of any kind are asked what they are
            self._become_private(error)
        if not self._is_private:
            return key
        return self._private_keys.setdefault((tuple(arguments), returned), uuid4().hex)

    def _become_private(self, reason: object) -> None:
        """From now on nothing of this function is shared, in this process or through the disk."""
        if not self._is_private:
            logger.info("%s is compiled by every process: %s", self._function, reason)
        self._is_private = True

    def _file(self, key: str) -> str:
        """The file name of the entry with a key."""
        name = f"{self._function.__module__}.{self._function.__qualname__}"
        return f"{name.replace('<locals>', 'made').replace('<lambda>', 'lambda')}-{key}"


def _platform(codegen: Any) -> str:
    """What machine code depends on beside its source: Python, processor, settings of Numba."""
    settings = [str(getattr(config, name)) for name in _SETTINGS]
    return repr((sys.implementation.cache_tag, _processor(codegen), settings))


@cache
def _processor(codegen: Any) -> tuple[str, ...]:
    """Target triple, name of the processor and its features, from Numba."""
    features: tuple[str, ...] = codegen.magic_tuple()
    return features


_SETTINGS = (
    *("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "LLVM_REFPRUNE_PASS", "LLVM_REFPRUNE_FLAGS"),
    *("BOUNDSCHECK", "DEBUGINFO_DEFAULT", "EXTEND_VARIABLE_LIFETIMES", "USING_SVML"),
)


def _reduced(result: Any) -> Any:
    return result._reduce()  # noqa: SLF001  # how Numba's own cache takes a result apart


def _rebuilt(target: Any, payload: bytes, key: str) -> Any:
    """The machine code of an entry; None if it refers to something that is not there any more.

    Raises ``SymbolConflict`` if it is not the code whose name the entry has.
    """
    try:
        parts = pickle.loads(payload)  # noqa: S301  # from a folder that only the user writes to
        verify_symbols(parts[1], key)
        return CompileResult._rebuild(target, *parts)  # noqa: SLF001  # ... and puts it together
    except SymbolConflict:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, the code can be compiled
        logger.warning("the kernel %s could not be loaded and is compiled again: %s", key, error)
        return None


def _lock(folder: Path, name: str) -> Path:
    return folder / f"{name}.lock"


def _read(name: str) -> bytes | None:
    for folder in (cache_folder(), shipped_folder()):
        if folder is not None and (payload := read_entry(folder / name)) is not None:
            return payload
    return None


def _keep(file: Path, result: Any) -> None:
    """Write an entry; machine code that cannot be written down serves this process only."""
    try:
        write_entry(file, dumps(_reduced(result)))
    except Exception as error:  # noqa: BLE001  # it refers to values of any kind
        logger.warning("a compiled kernel could not be kept: %s", error)
