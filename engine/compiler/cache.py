"""Machine code on the disk: compiled once, loaded by every process after that.

Numba's own cache keeps an index of entries for each function. Two processes that compile
different kernels of one function at a time (all activations are made by one) can each write an
index, and one of them then names the other's machine code. Here every entry is one file, whose
name says everything the machine code depends on, and which is written whole or not at all. What
cannot be read or written is compiled again: a full disk or a read-only folder costs time,
nothing else.

There are two places. New entries go to the user's cache folder. A folder beside the installation
(``share/trainyard`` under ``sys.prefix``) is only read: that is where an image ships its kernels.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import pickle
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any
from uuid import uuid4

import llvmlite
import numba
import numpy as np
from numba.core import config as _config
from numba.core import sigutils
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from engine.compiler.digest import NoContentDigest, content_digest
from engine.compiler.symbols import SymbolConflict, can_be_loaded, verify_symbols

__all__ = [
    "CompileLock",
    "KernelCache",
    "cache_folder",
    "shipped_folder",
    "source_digest",
]

logger = logging.getLogger(__name__)

PACKAGE = Path(__file__).parents[1]
"""The whole engine: a kernel changes with the functions that are compiled into it."""
DIGEST_BYTES = hashlib.sha256().digest_size
LOCK_TIMEOUT_SECONDS = 60.0
POLL_SECONDS = 0.02
config: Any = _config


def _source_on_disk() -> str:
    """What tells states of the engine's source, and of the compiler's versions, apart."""
    versions = (numba.__version__, llvmlite.__version__, np.__version__)
    digest = hashlib.sha256(repr(versions).encode())
    for source in sorted(PACKAGE.rglob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


_SOURCE = _source_on_disk()
"""Of what this process runs: read while the engine is imported."""


def source_digest() -> str:
    """What tells states of the engine's source, and of the compiler's versions, apart.

    It is that of the source which this process has imported, whatever lies on the disk by now.
    """
    return _SOURCE


def _name() -> str:
    """Of the folder: a kernel also changes with the functions inlined into it, so with any file."""
    return f"kernels-{source_digest()}"


def shipped_folder() -> Path:
    """Where an installation may bring its kernels along."""
    return Path(sys.prefix) / "share" / "trainyard" / _name()


@cache
def cache_folder() -> Path | None:
    """Where machine code is kept: one folder per state of the engine's source; None if nowhere."""
    for base in _bases():
        folder = base / _name()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        return folder
    logger.warning("no folder for compiled kernels can be written: they are compiled every time")
    return None


def _bases() -> Iterator[Path]:
    """The places to try, the best one first."""
    if chosen := config.CACHE_DIR or os.environ.get("XDG_CACHE_HOME"):
        yield Path(chosen) / "trainyard"
    else:
        with contextlib.suppress(RuntimeError):  # a user without a home
            yield Path.home() / ".cache" / "trainyard"
    if (private := _private_folder()) is not None:
        yield private


def _private_folder() -> Path | None:
    """A folder among temporary files that is nobody else's: machine code is run unseen."""
    try:
        folder = Path(tempfile.gettempdir()) / f"trainyard-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid()
    return folder if ours and not status.st_mode & 0o022 else None


_RESULTS: dict[str, Any] = {}
"""All machine code of this process, by its key: it stays for as long as addresses may be in use."""


class KernelCache:
    """The entries of one function; a dispatcher of Numba's asks it before it compiles.

    A function whose module cannot be imported by its name is compiled by every process: machine
    code looks for the variables of its module when it is loaded. So is one that depends on a value
    of which nothing but its identity is known.

    ``load_overload``, ``save_overload`` and ``cache_path`` are what Numba calls; the rest of its
    interface (switching a cache off, emptying it) is not used.
    """

    def __init__(self, function: Any, options: Any) -> None:
        self._function: FunctionType = function
        self._options = content_digest(options)
        self._is_importable = function.__module__ in sys.modules
        self._process_salt: str | None = None
        self._keys: dict[Any, str] = {}
        self._locks: dict[str, CompileLock] = {}
        self.addresses: dict[Any, int] = {}
        """Where the machine code lies, by argument types: looked up once."""

    @property
    def cache_path(self) -> str | None:
        """Numba shows it in its statistics."""
        folder = cache_folder()
        return None if folder is None else str(folder)

    def key(self, arguments: Any, returned: Any) -> str:
        """The digest under which the machine code for a signature is being compiled."""
        return self._keys[tuple(arguments), returned]

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The machine code for a signature; None if it has to be compiled, here and now.

        Where another process is compiling it at this moment, its machine code is waited for.
        """
        key = self.new_key(signature, target)
        arguments, returned = sigutils.normalize_signature(signature)
        self._keys[tuple(arguments), returned] = key
        if key in _RESULTS:  # of another dispatcher, for a function with the same content
            return self._for_this_dispatcher(_RESULTS[key], signature, target)
        if not self._is_kept:
            return None
        name = self._file(key)
        payload = _read(name)
        if payload is None and name not in self._locks and (folder := cache_folder()) is not None:
            self._locks[name] = CompileLock(_lock(folder, name))
            payload = _read(name)
            if payload is not None:
                self._locks.pop(name).end()
        result = None if payload is None else _rebuilt(target, payload, key)
        if result is None:
            return None
        _RESULTS[key] = result
        return self._for_this_dispatcher(result, signature, target)

    def _for_this_dispatcher(self, result: Any, signature: Any, target: Any) -> Any:
        """The same code for this dispatcher; None if it is for types that only look the same."""
        arguments, _ = sigutils.normalize_signature(signature)
        if tuple(result.signature.args) != tuple(arguments):  # a class was defined again
            self._process_salt = uuid4().hex
            arguments, returned = sigutils.normalize_signature(signature)
            self._keys[tuple(arguments), returned] = self.new_key(signature, target)
            return None
        # Numba forgets the entry point of a dispatcher that is gone.
        entry = target.get_executable(result.library, result.fndesc, result.environment)
        return result._replace(entry_point=entry)

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep machine code, if that is possible, and if what it depends on is still the same."""
        key = result.fndesc.uid
        # Not what is of this compilation, and refers to the function and what it encloses.
        _RESULTS[key] = result._replace(metadata=None, type_annotation="")
        try:
            folder, is_same = cache_folder(), self.new_key(signature, result.target_context) == key
            if folder is None or not self._is_kept or not is_same:
                return
            if can_be_loaded(result.library) and _source_is_current():
                _keep(folder / self._file(key), dumps(_reduced(result)))
        finally:
            self.release(key)

    def release(self, key: str) -> None:
        """Let other processes go on: the code is there, or will not be."""
        if (lock := self._locks.pop(self._file(key), None)) is not None:
            lock.end()

    def holds(self, signature: Any, target: Any) -> bool:
        """Whether there is machine code for a signature."""
        key = self.new_key(signature, target)
        return key in _RESULTS or (self._is_kept and _read(self._file(key)) is not None)

    def is_in_work(self, signature: Any, target: Any) -> bool:
        """Whether another process is compiling the machine code for a signature."""
        name, folder = self._file(self.new_key(signature, target)), cache_folder()
        if not self._is_kept or folder is None or name in self._locks:
            return False
        return is_locked(_lock(folder, name))

    @property
    def _is_kept(self) -> bool:
        return self._is_importable and self._process_salt is None

    def new_key(self, signature: Any, target: Any) -> str:
        """The digest for a signature: of the function as it is now, its options, the processor."""
        target.refresh()
        arguments, returned = sigutils.normalize_signature(signature)
        try:
            if self._process_salt is not None:
                raise NoContentDigest("it depends on what only this process has")
            key = content_digest(
                _platform(target.codegen()),
                self._options,
                self._function,
                tuple(arguments),
                returned,
            )
        except Exception as error:  # noqa: BLE001  # values of any kind are asked what they are
            logger.info("%s is compiled by every process: %s", self._function, error)
            self._process_salt = self._process_salt or uuid4().hex
            key = content_digest(self._process_salt, tuple(arguments), returned)
        return key

    def _file(self, key: str) -> str:
        """The name of an entry."""
        name = f"{self._function.__module__}.{self._function.__qualname__}"
        return f"{name.replace('<locals>', 'made').replace('<lambda>', 'lambda')}-{key}"


def _platform(codegen: Any) -> str:
    """What machine code depends on beside its source: Python, processor, settings of Numba."""
    settings = [str(getattr(config, name)) for name in _SETTINGS]
    return repr((sys.implementation.cache_tag, _processor(codegen), settings))


@cache
def _processor(codegen: Any) -> tuple[str, ...]:
    """Its name and what it can do, as Numba tells it."""
    told: tuple[str, ...] = codegen.magic_tuple()
    return told


_SETTINGS = (
    *("OPT", "LOOP_VECTORIZE", "SLP_VECTORIZE", "LLVM_REFPRUNE_PASS", "LLVM_REFPRUNE_FLAGS"),
    *("BOUNDSCHECK", "DEBUGINFO_DEFAULT", "EXTEND_VARIABLE_LIFETIMES", "USING_SVML"),
)


def _source_is_current() -> bool:
    """Whether the engine on the disk is still what this process runs: not so after an upgrade."""
    try:
        return _source_on_disk() == _SOURCE
    except OSError:
        return False


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


class CompileLock:
    """The right to compile something, while other processes that need it wait.

    The system ends it with the process that has it. Nobody waits longer than compiling could take:
    whoever has it may have been stopped.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None
        self._is_ours = False
        deadline = time.monotonic() + LOCK_TIMEOUT_SECONDS
        with contextlib.suppress(OSError):
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            while not (got := self._taken()) and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            self._is_ours = got

    def _taken(self) -> bool:
        assert self._descriptor is not None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self) -> None:
        """Let the others look: what they wait for is there."""
        if self._descriptor is not None:
            if self._is_ours:
                with contextlib.suppress(OSError):
                    self._file.unlink(missing_ok=True)
            os.close(self._descriptor)


def is_locked(file: Path) -> bool:
    """Whether somebody has the turn that is taken by locking a file."""
    with contextlib.suppress(OSError), file.open("rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock(folder: Path, name: str) -> Path:
    return folder / f"{name}.lock"


def _read(name: str) -> bytes | None:
    for folder in (cache_folder(), shipped_folder()):
        if folder is not None and (payload := _intact(folder / name)) is not None:
            return payload
    return None


def _keep(file: Path, payload: bytes) -> None:
    try:
        _write(file, payload)
    except OSError as error:
        logger.warning("a compiled kernel could not be kept: %s", error)


def _intact(file: Path) -> bytes | None:
    """What a file holds; None if it is not there or not as it was written."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, payload = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return payload if hashlib.sha256(payload).digest() == digest else None


def _write(file: Path, payload: bytes) -> None:
    """Write a file that others may read at any time: it appears whole."""
    unfinished = file.with_name(f".unfinished-{uuid4().hex}")
    try:
        with unfinished.open("xb") as stream:
            stream.write(hashlib.sha256(payload).digest() + payload)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
