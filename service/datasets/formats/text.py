"""Bytes that should be text: told apart, checked, and their errors placed in lines."""

from __future__ import annotations

import codecs

from engine.errors import InvalidData

__all__ = ["check_text", "line_of"]

_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def check_text(content: bytes) -> None:
    """Raise InvalidData, naming line and byte, unless the content is UTF-8 without NUL."""
    for mark, name in _MARKS.items():
        if content.startswith(mark):
            raise InvalidData(f"The file is encoded in {name}. Save it as UTF-8.")
    try:
        # In one piece: the errors of incremental decoders do not know where they are.
        content.decode()
    except UnicodeDecodeError as error:
        raise InvalidData(
            f"Line {line_of(content, error.start)}: byte {error.start} "
            f"(0x{content[error.start]:02x}) is not UTF-8. Save the file as UTF-8."
        ) from None
    place = content.find(b"\0")
    if place >= 0:
        raise InvalidData(
            f"Line {line_of(content, place)}: byte {place} is NUL, which text must not contain."
        )


def line_of(content: bytes, place: int) -> int:
    """The line that a byte is in, counted from 1."""
    return content.count(b"\n", 0, place) + 1
