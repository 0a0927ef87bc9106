"""A stretch: several epochs walked in one go, which are told one by one.

An epoch of a tiny network takes less time than Python takes to ask for the next one. So a run gets
ahead of what it has told, and the state after each epoch is written down: whoever stops at an
epoch, or looks at it, finds the run there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.program.memory import StateHistory
from engine.program.program import Program
from engine.training.samples import Samples

__all__ = ["EpochChunk"]

LONGEST = 64
"""Epochs of a stretch, at the most."""
MOST_BYTES = 4 << 20
"""Of all states that are written down."""


class EpochChunk:
    """The epochs that a program is ahead, of those that have been told.

    ``most`` is how many there can be; fewer than two is none. While the program ``is_ahead``, its
    own state is beyond what was told.
    """

    def __init__(self, program: Program, rows: int) -> None:
        self._program = program
        state = program.changing()
        size = sum(array.nbytes for array in state)
        self.most: int = min(LONGEST, MOST_BYTES // max(1, size) - 1)
        places = self.most + 1 if self.most > 1 else 0
        self._history = StateHistory(*(np.zeros((places, each.size), each.dtype) for each in state))
        self._shapes = [each.shape for each in state]
        self._totals = np.array([program.totals() for _ in range(places)])
        self._unseen_totals = self._totals.copy()
        self._order = np.arange(rows if places else 0, dtype=np.uint32)
        self._walked = self._told = 0
        self.is_ahead = False

    def walk(
        self,
        count: int,
        samples: Samples,
        unseen: Samples,
        *,
        step: int,
        epoch: int,
        rates: NDArray[np.float64],
        run_key: np.uint64,
        shuffle: np.uint64 | None,
    ) -> int:
        """Walk so many epochs ahead; how many could be completed."""
        totals, unseen_totals = self._totals[:count], self._unseen_totals[:count]
        totals[:] = unseen_totals[:] = 0
        self._walked = self._program.train_epochs(
            (samples.x, samples.targets, samples.weights),
            (unseen.x, unseen.targets),
            self._order,
            step=step,
            epoch=epoch,
            rates=rates,
            run_key=run_key,
            shuffle=shuffle,
            totals=totals,
            unseen_totals=unseen_totals,
            history=self._history,
        )
        self._told, self.is_ahead = 0, count > 0
        return self._walked

    def tell(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """One more epoch is told: its totals, and those of the unseen rows."""
        told = self._told
        self._told += 1
        return self._totals[told], self._unseen_totals[told]

    def state(self) -> StateHistory:
        """What a run changes, as it was after the last epoch that was told."""
        if not self.is_ahead:
            return self._program.changing()
        rows = (each[self._told] for each in self._history)
        return StateHistory(
            *(r.reshape(shape) for r, shape in zip(rows, self._shapes, strict=True))
        )

    @property
    def theta(self) -> NDArray[Any]:
        """The parameter vector then."""
        if not self.is_ahead:
            return self._program.theta
        theta: NDArray[Any] = self._history.theta[self._told]
        return theta

    def settle(self) -> None:
        """Forget the epochs that were not told: the program goes on from those that were."""
        for mine, told in zip(self._program.changing(), self.state(), strict=True):
            if mine is not told:
                mine[...] = told
        self.is_ahead = False
