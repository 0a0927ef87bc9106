"""Named arrays and what is to be known of them, as the bytes of a safetensors file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.errors import InvalidState

__all__ = ["read", "write"]

KEY = "trainyard"
"""The name of the engine's document in the metadata of a file."""
MAX_HEADER_BYTES = 16 << 20
NUMBERS = ("F64", "F32", "F16")


def write(arrays: Mapping[str, NDArray[Any]], document: Any = None) -> bytes:
    """The bytes of a safetensors file; equal arrays and documents give equal bytes."""
    metadata = None if document is None else {KEY: json.dumps(document, allow_nan=False)}
    return save(dict(arrays), metadata)


def read(data: bytes) -> tuple[dict[str, NDArray[Any]], Any]:
    """The arrays, and the document if ``write`` put one there, else None.

    Raises InvalidState for bytes that are not a safetensors file, and for arrays of anything but
    floating-point numbers of 16, 32 or 64 bits.
    """
    try:
        length = int.from_bytes(data[:8], "little")
        if length > MAX_HEADER_BYTES:
            raise InvalidState("These bytes are not a safetensors file: its header is too long.")
        header = json.loads(data[8 : 8 + length])
        document = header.pop("__metadata__", {}).get(KEY)
        for name, about in header.items():
            if about["dtype"] not in NUMBERS:
                raise InvalidState(
                    f"The array {name[:100]!r} is of type {about['dtype'][:20]}: only "
                    f"{', '.join(NUMBERS)} can be used. Convert it to F32."
                )
        return load(data), None if document is None else json.loads(document)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidState(f"These bytes are not a safetensors file: {error}.") from error
    except RecursionError:
        raise InvalidState("The header of this safetensors file is too deep.") from None
