"""Files that are read whole and intact, or not at all: entries of the cache of kernels."""

from __future__ import annotations

import hashlib
from pathlib import Path
from uuid import uuid4

__all__ = ["DIGEST_BYTES", "read_entry", "write_entry"]

DIGEST_BYTES = hashlib.sha256().digest_size
"""The length of the SHA-256 of an entry, with which the entry begins."""


def read_entry(file: Path) -> bytes | None:
    """What a file holds; None if it is not there or not as it was written."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, payload = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return payload if hashlib.sha256(payload).digest() == digest else None


def write_entry(file: Path, payload: bytes) -> None:
    """Write a file that others may read at any time: it appears whole. Raises OSError."""
    unfinished = file.with_name(f".unfinished-{uuid4().hex}")
    try:
        with unfinished.open("xb") as stream:
            stream.write(hashlib.sha256(payload).digest() + payload)
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
