"""Why an attempt failed, as the problem that its job shows."""

from __future__ import annotations

import logging
from typing import Any

from engine.errors import Diverged, InvalidData, InvalidSpec
from service.datasets.storage import DatasetNotStoredError
from service.vocabulary import FailureReason

logger = logging.getLogger(__name__)


class TimedOutError(Exception):
    """The attempt trained for longer than the service allows."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the job trained for longer than the {seconds:g} s that are allowed")


_REASONS: tuple[tuple[type[Exception], FailureReason], ...] = (
    (Diverged, FailureReason.DIVERGED),
    (InvalidData, FailureReason.INVALID_DATA),
    (InvalidSpec, FailureReason.INVALID_DATA),
    (DatasetNotStoredError, FailureReason.INVALID_DATA),
    (TimedOutError, FailureReason.TIMED_OUT),
)
_DETAILS = ("epoch", "step", "layer", "pointer", "row", "column")
"""What errors of the engine know of the place where they happened."""


def problem(error: Exception) -> dict[str, Any]:
    """`reason` (see FailureReason), `detail`, and the place where it happened.

    An error that nobody foresaw is logged with its trace, and shown without it.
    """
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return {"reason": reason.value, "detail": str(error), **_place(error)}
    if isinstance(error, MemoryError):
        return {"reason": FailureReason.OUT_OF_MEMORY.value, "detail": _TOO_BIG}
    logger.error("an attempt failed", exc_info=error)
    detail = f"an internal error ended the training ({type(error).__name__})"
    return {"reason": FailureReason.INTERNAL.value, "detail": detail}


def _place(error: Exception) -> dict[str, Any]:
    known = {name: getattr(error, name, None) for name in _DETAILS}
    return {name: value for name, value in known.items() if value not in (None, "")}


_TOO_BIG = (
    "the training needed more memory than its process may use: "
    "make the network or the batches smaller"
)
