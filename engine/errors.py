"""What can go wrong in the engine, as one short tree.

::

    EngineError
    ├── InvalidSpec     a hyper-parameter, or a combination of them, makes no sense
    ├── InvalidData     a table cannot be trained on, or predicted from
    ├── InvalidState    bytes are not a training state, or belong to another network
    └── Diverged        the loss stopped being a number

The engine knows nothing of HTTP. Pointers are JSON pointers (RFC 6901) inside whatever was
handed in, so that a caller can show the user which value to change.
"""

from __future__ import annotations

__all__ = [
    "Diverged",
    "EngineError",
    "InvalidData",
    "InvalidSpec",
    "InvalidState",
    "json_pointer",
]


class EngineError(Exception):
    """Anything the engine refuses; ``message`` says what to change."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidSpec(EngineError, ValueError):
    """A hyper-parameter is out of bounds or does not fit the others.

    It is a ``ValueError`` too, so that validators built on the standard protocol report it at
    the place where it was found.
    """

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.pointer = pointer


class InvalidData(EngineError):
    """A table is not fit for its purpose; ``row`` counts from 0."""

    def __init__(
        self, message: str, pointer: str = "", *, row: int | None = None, column: str | None = None
    ) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.row = row
        self.column = column


class InvalidState(EngineError):
    """Bytes that are no training state, are damaged, or were made by another network."""


class Diverged(EngineError):
    """The loss became infinite or not a number.

    ``epoch`` counts from 1, ``step`` counts all updates of the run from 1, and ``layer`` is the
    first layer whose parameters are no longer finite (None if only the loss is not).
    """

    def __init__(self, epoch: int, step: int, layer: str | None) -> None:
        place = f" in {layer}" if layer else ""
        super().__init__(
            f"Training diverged in epoch {epoch} at step {step}{place}: the loss is not finite. "
            "A smaller learning rate, or scaled inputs, usually helps."
        )
        self.epoch = epoch
        self.step = step
        self.layer = layer


def json_pointer(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) to a value, from the keys and indices on the way to it."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
