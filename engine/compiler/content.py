"""Values written in a form that only equal content shares, for digests of what code depends on.

A value is written by its content: numbers by their bits, arrays by their type, shape and bits,
members of enumerations by the class and the value, containers part by part.
"""

from __future__ import annotations

import enum
import hashlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

from engine.compiler.origins import is_known_by_name

__all__ = ["VALUE_WRITERS", "ContentWriter", "NoContentDigest", "Writers", "write_class"]

MAX_ARRAY_BYTES = 1_000_000
"""Numba copies arrays up to this size into machine code; of larger ones it keeps the address."""


class NoContentDigest(TypeError):
    """A function depends on a value whose content cannot be told from that of another."""


Writers: TypeAlias = tuple[tuple[Any, Callable[["ContentWriter", Any], None]], ...]
"""Classes of values, and how values of each are written; the first that fits counts."""


class ContentWriter:
    """Values, written one after the other in a form that can be read in one way only."""

    def __init__(self, writers: Writers, root: Any = None) -> None:
        self._writers = writers
        self._writer_of: dict[type, Callable[[ContentWriter, Any], None]] = {}
        self.root = root
        """The function whose digest is asked for; all others are called by it."""
        self._pieces: list[bytes] = []
        self._numbers: dict[int, int] = {}
        self._alive: list[Any] = []
        self._refused: str | None = None

    def refuse(self, reason: str) -> None:
        """Say that there is no digest, and go on: what else can be reached has to be seen too."""
        self._refused = self._refused or reason

    def hexadecimal(self) -> str:
        """The digest of what was written. Raises NoContentDigest if something was refused."""
        if self._refused is not None:
            raise NoContentDigest(self._refused)
        return hashlib.sha256(b"".join(self._pieces)).hexdigest()[:32]

    def write(self, tag: str, content: bytes | str = b"") -> None:
        """Write one piece after its length, so that the end of the piece is known."""
        data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        self._pieces += (b"%b:%d:" % (tag.encode(), len(data)), data)

    def add(self, value: Any) -> None:
        """Write a value of any class, by the writer of that class."""
        kind = type(value)
        if kind not in self._writer_of:
            fitting = (write for kinds, write in self._writers if issubclass(kind, kinds))
            self._writer_of[kind] = next(fitting, _refuse)
        self._writer_of[kind](self, value)

    def add_all(self, tag: str, values: Any) -> None:
        self.write(tag, str(len(values)))
        for value in values:
            self.add(value)

    def add_unordered(self, tag: str, values: Any) -> None:
        plain = all(type(value) in (str, int) for value in values)
        try:
            self.write(tag, " ".join(sorted(map(repr if plain else self._digest_of, values))))
        except NoContentDigest as error:
            self.refuse(str(error))

    def _digest_of(self, value: Any) -> str:
        """The digest of one value on its own."""
        writer = ContentWriter(self._writers)
        writer.add(value)
        return writer.hexadecimal()

    def is_repeated(self, value: Any) -> bool:
        """Whether this very object was written before: functions may name each other in circles."""
        if (number := self._numbers.get(id(value))) is not None:
            self.write("again", str(number))
            return True
        self._numbers[id(value)] = len(self._numbers)
        self._alive.append(value)  # nothing else may be given its identity meanwhile
        return False


def _refuse(digest: ContentWriter, value: Any) -> None:
    """Refuse a value of a class that has no writer."""
    kind = type(value)
    digest.refuse(f"nothing is known of what is in a {kind.__module__}.{kind.__qualname__}")


def _write_plain(digest: ContentWriter, value: Any) -> None:
    digest.write(type(value).__name__, repr(value))


def _write_integer(digest: ContentWriter, value: int) -> None:
    """By its value: a class of a user's own may say anything of itself."""
    digest.write(type(value).__name__, int.__repr__(value))


def _write_text(digest: ContentWriter, value: str) -> None:
    digest.write(type(value).__name__, str.__str__(value))


def _write_number(digest: ContentWriter, value: Any) -> None:
    """Write a number by its bits, as there is more than one zero and more than one NaN."""
    array = np.asarray(value)
    digest.write(type(value).__name__, f"{array.dtype!r}")
    digest.write("bits", array.tobytes())


def _write_array(digest: ContentWriter, value: Any) -> None:
    contiguous = value.flags.c_contiguous or value.flags.f_contiguous
    if value.dtype.hasobject or value.nbytes > MAX_ARRAY_BYTES or not contiguous:
        digest.refuse("an array of which the compiler keeps the address")
        return
    digest.write("array", f"{value.dtype!r} {value.shape} {value.flags.f_contiguous}")
    digest.write("bits", value.tobytes())


def _write_tuple(digest: ContentWriter, value: Any) -> None:
    digest.add_all(type(value).__name__, value)
    if hasattr(value, "_fields"):
        write_class(digest, type(value))


def _write_enum(digest: ContentWriter, value: enum.Enum) -> None:
    digest.write("member", repr(value.name))
    write_class(digest, type(value))
    digest.add(value.value)


def _write_builtin(digest: ContentWriter, value: Any) -> None:
    owner = value.__self__
    if owner is not None and not isinstance(owner, ModuleType):
        digest.refuse(f"a method of a {type(owner).__qualname__}")
        return
    digest.write("builtin", f"{value.__module__}.{value.__qualname__}")


def _is_importable(kind: Any) -> bool:
    """Whether another process finds this very class by its name."""
    found: Any = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind and kind.__module__ != "__main__"


def write_class(digest: ContentWriter, kind: Any) -> None:
    """A class: its name and, of a user's own, its fields, or the members of an enumeration."""
    digest.write("class", f"{kind.__module__}.{kind.__qualname__}")
    if is_known_by_name(kind):
        return
    if hasattr(kind, "class_type"):
        digest.refuse("a class that is compiled")
        return
    if not _is_importable(kind):  # code that makes objects of it would make those of another
        digest.refuse(f"the class {kind.__qualname__}, which cannot be imported")
    digest.add(getattr(kind, "_fields", ()))
    if issubclass(kind, enum.Enum):
        digest.add({name: member.value for name, member in kind.__members__.items()})
    digest.write("annotations", repr(vars(kind).get("__annotations__", {})))


VALUE_WRITERS: Writers = (
    (enum.Enum, _write_enum),
    (int, _write_integer),
    (str, _write_text),
    ((type(None), bytes, type(Ellipsis), range), _write_plain),
    ((float, complex, np.generic), _write_number),
    ((tuple, list), _write_tuple),
    ((set, frozenset), lambda digest, value: digest.add_unordered("set", value)),
    (dict, lambda digest, value: digest.add_all("dict", value.items())),
    (np.ndarray, _write_array),
    (np.dtype, _write_plain),
    (np.ufunc, _write_plain),
    (type(len), _write_builtin),
    (ModuleType, lambda digest, value: digest.write("module", value.__name__)),
    (type, write_class),
)
"""The writers of values that are no functions."""
