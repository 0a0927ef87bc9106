"""Bytes of any length, in rows that every database driver can hold in its buffers."""

__all__ = ["CHUNK_BYTES", "pieces"]

CHUNK_BYTES = 1 << 20


def pieces(data: bytes) -> list[bytes]:
    """The data in order, in parts of at most CHUNK_BYTES."""
    return [data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES)]
