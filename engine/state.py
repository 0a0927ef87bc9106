"""The state of a run: everything it needs to go on bit for bit, to and from safetensors bytes.

Random streams need no place here: they are derived from the seed and the position in the run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import tensors
from engine.errors import InvalidState

__all__ = ["FoldsState", "TrainingState"]

_ARRAYS = ("theta", "slots", "scalars", "layer_state", "totals")
_NUMBERS = (
    *("epoch", "step", "position"),
    *("best", "best_epoch", "stopping", "schedule", "stop_reason", "first_step"),
)


@dataclass(frozen=True, eq=False)
class FoldsState:
    """How far a cross-validation is, beside the training that is under way.

    ``finished`` are the results of folds, ``steps_before`` the updates of all other trainings.
    ``best`` is what was measured at the best epoch of this fold, ``theta`` and ``layer_state`` are
    its network then. ``others`` are the folds that train side by side with this one, and
    ``untold`` epochs that have ended, but that nobody was told of yet.
    """

    fold: int
    steps_before: int = 0
    finished: tuple[dict[str, Any], ...] = ()
    best: dict[str, Any] | None = None
    theta: NDArray[Any] | None = None
    layer_state: NDArray[Any] | None = None
    others: tuple[TrainingState, ...] = ()
    untold: tuple[dict[str, Any], ...] = ()

    def arrays(self) -> Iterator[tuple[str, NDArray[Any]]]:
        """The best network's arrays and those of the other folds, by their names in a file."""
        named = {"best_theta": self.theta, "best_layer_state": self.layer_state}
        yield from ((name, array) for name, array in named.items() if array is not None)
        for place, other in enumerate(self.others):
            yield from ((f"{place}.{name}", array) for name, array in other.arrays().items())

    def numbers(self) -> dict[str, Any]:
        """What is not an array, as JSON values."""
        names = ("fold", "steps_before", "finished", "best", "untold")
        others = [other.numbers() for other in self.others]
        return {name: getattr(self, name) for name in names} | {"others": others}

    @classmethod
    def read(cls, numbers: dict[str, Any], arrays: dict[str, Any]) -> FoldsState:
        """The state that ``arrays`` and ``numbers`` describe.

        States that were saved when one fold was trained at a time have fewer members.
        """
        others = tuple(
            TrainingState.read(each, _below(f"{place}.", arrays))
            for place, each in enumerate(numbers.pop("others", ()))
        )
        numbers["finished"] = tuple(numbers["finished"])
        numbers["untold"] = tuple(numbers.get("untold", ()))
        best = arrays.get("best_theta"), arrays.get("best_layer_state")
        return cls(**numbers, theta=best[0], layer_state=best[1], others=others)


def _below(prefix: str, arrays: dict[str, Any]) -> dict[str, Any]:
    """The arrays whose names begin with ``prefix``, by the rest of their names."""
    return {
        name.removeprefix(prefix): each for name, each in arrays.items() if name.startswith(prefix)
    }


@dataclass(frozen=True, eq=False)
class TrainingState:
    """A run between two steps.

    ``epoch`` counts finished epochs, ``step`` all updates, ``position`` the mini-batches done of
    the epoch under way, whose sums so far are ``totals``. ``stopping`` holds what each stopping
    rule remembers, ``schedule`` what the schedule does; ``best`` is the best monitored value,
    smaller being better. ``first_step`` are the updates of another training that this one began
    with: the optimizer counts on from there.
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
    first_step: int = 0
    folds: FoldsState | None = None

    @property
    def fold(self) -> int:
        """The number of the fold that is trained; 0 without cross-validation."""
        return self.folds.fold if self.folds else 0

    @property
    def all_steps(self) -> int:
        """The updates of this training and of the folds before it."""
        return self.step + (self.folds.steps_before if self.folds else 0)

    @property
    def weights_sha256(self) -> str:
        """The SHA-256 of the parameter vector's bytes."""
        return hashlib.sha256(np.ascontiguousarray(self.theta).data).hexdigest()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All arrays of the state, by the names that they have in a file."""
        named = {name: getattr(self, name) for name in _ARRAYS}
        return named | dict(self.folds.arrays()) if self.folds else named

    def numbers(self) -> dict[str, Any]:
        """What is not an array, as JSON values."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return numbers | {"folds": self.folds.numbers()} if self.folds else numbers

    def to_bytes(self) -> bytes:
        """The state as a safetensors file; equal states give equal bytes."""
        return tensors.write(self.arrays(), self.numbers())

    @classmethod
    def read(cls, numbers: dict[str, Any], arrays: dict[str, Any]) -> TrainingState:
        """The state that ``numbers`` and ``arrays`` describe."""
        numbers["stopping"] = tuple(numbers["stopping"])
        if "folds" in numbers:
            numbers["folds"] = FoldsState.read(numbers["folds"], arrays)
        return cls(**{name: arrays[name] for name in _ARRAYS}, **numbers)

    @classmethod
    def from_bytes(cls, data: bytes) -> TrainingState:
        """The state that ``to_bytes`` wrote; raises InvalidState for anything else."""
        try:
            arrays, numbers = tensors.read(data)
            return cls.read(numbers, arrays)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidState(f"These bytes are not a training state: {error}.") from error
