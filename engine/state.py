"""The state of a run: everything it needs to go on bit for bit, to and from safetensors bytes.

Random streams need no place here: they are derived from the seed and the position in the run.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from engine.errors import InvalidState

__all__ = ["TrainingState"]

_ARRAYS = ("theta", "slots", "scalars", "layer_state", "totals")
_NUMBERS = (
    *("epoch", "step", "position"),
    *("best", "best_epoch", "stopping", "schedule", "stop_reason"),
)
_LONGEST_HEADER = 1_000_000


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A run between two steps.

    ``epoch`` counts finished epochs, ``step`` all updates, ``position`` the mini-batches done of
    the epoch under way, whose sums so far are ``totals``. ``stopping`` holds what each stopping
    rule remembers, ``schedule`` what the schedule does; ``best`` is the best monitored value,
    smaller being better.
    """

    theta: NDArray[Any]
    slots: NDArray[Any]
    scalars: NDArray[np.float64]
    layer_state: NDArray[Any]
    totals: NDArray[np.float64]
    epoch: int = 0
    step: int = 0
    position: int = 0
    best: float | None = None
    best_epoch: int | None = None
    stopping: tuple[dict[str, Any], ...] = ()
    schedule: dict[str, Any] = field(default_factory=dict)
    stop_reason: str | None = None

    @property
    def weights_sha256(self) -> str:
        """The SHA-256 of the parameter vector's bytes."""
        return hashlib.sha256(np.ascontiguousarray(self.theta).data).hexdigest()

    def to_bytes(self) -> bytes:
        """The state as a safetensors file; equal states give equal bytes."""
        numbers = json.dumps({name: getattr(self, name) for name in _NUMBERS}, allow_nan=False)
        return save({name: getattr(self, name) for name in _ARRAYS}, {"trainyard": numbers})

    @classmethod
    def from_bytes(cls, data: bytes) -> TrainingState:
        """The state that ``to_bytes`` wrote; raises InvalidState for anything else."""
        try:
            length = int.from_bytes(data[:8], "little")
            if length > _LONGEST_HEADER:
                raise InvalidState("The header is too long for a training state.")
            numbers = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["trainyard"])
            numbers["stopping"] = tuple(numbers["stopping"])
            arrays: dict[str, Any] = load(data)
            return cls(**{name: arrays[name] for name in _ARRAYS}, **numbers)
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise InvalidState(f"These bytes are not a training state: {error}.") from error
