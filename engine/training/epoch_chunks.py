"""Epoch chunks: several epochs run in one call of compiled code; their events follow one by one.

An epoch of a tiny network takes less time than Python takes to ask for the next one. So a run gets
ahead of the events that it has emitted, and the state after each epoch is written down: whoever
stops at an epoch, or inspects it, finds the run there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.program.memory import StateHistory
from engine.program.program import Program
from engine.training.samples import Samples

__all__ = ["EpochChunk"]

MAX_EPOCHS = 64
"""The largest number of epochs in a chunk."""
MAX_BYTES = 4 << 20
"""The largest size of all states of a chunk together."""


class EpochChunk:
    """The epochs that a program has run ahead of those whose events were emitted.

    ``max_epochs`` is the largest number of epochs in a chunk; if it is less than two, chunks are
    not used. While ``is_ahead`` is true, the program's own state is that after the whole chunk.
    """

    def __init__(self, program: Program, rows: int) -> None:
        self._program = program
        state = program.changing()
        size = sum(array.nbytes for array in state)
        self.max_epochs: int = min(MAX_EPOCHS, MAX_BYTES // max(1, size) - 1)
        states = self.max_epochs + 1 if self.max_epochs > 1 else 0
        self._history = StateHistory(*(np.zeros((states, each.size), each.dtype) for each in state))
        self._shapes = [each.shape for each in state]
        self._totals = np.array([program.totals() for _ in range(states)])
        self._validation_totals = self._totals.copy()
        self._order = np.arange(rows if states else 0, dtype=np.uint32)
        self._emitted = 0
        self.is_ahead = False

    def run_ahead(
        self,
        count: int,
        samples: Samples,
        validation: Samples,
        *,
        step: int,
        epoch: int,
        rates: NDArray[np.float64],
        run_key: np.uint64,
        shuffle: np.uint64 | None,
    ) -> int:
        """Run ``count`` epochs, and return how many of them could be completed.

        ``step`` and ``epoch`` are how many the run has done before, ``rates`` the learning rates of
        all steps. Fewer epochs than asked for means that a loss in the next one is not finite.
        """
        totals, validation_totals = self._totals[:count], self._validation_totals[:count]
        totals[:] = validation_totals[:] = 0
        completed = self._program.train_epochs(
            (samples.x, samples.targets, samples.weights),
            (validation.x, validation.targets),
            self._order,
            step=step,
            epoch=epoch,
            rates=rates,
            run_key=run_key,
            shuffle=shuffle,
            totals=totals,
            validation_totals=validation_totals,
            history=self._history,
        )
        self._emitted, self.is_ahead = 0, count > 0
        return completed

    def next_epoch(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The totals of the next epoch of the chunk over its training and its validation rows."""
        epoch = self._emitted
        self._emitted += 1
        return self._totals[epoch], self._validation_totals[epoch]

    def state(self) -> StateHistory:
        """What a run changes, as it was after the last epoch that ``next_epoch`` returned."""
        if not self.is_ahead:
            return self._program.changing()
        rows = (each[self._emitted] for each in self._history)
        return StateHistory(
            *(r.reshape(shape) for r, shape in zip(rows, self._shapes, strict=True))
        )

    @property
    def theta(self) -> NDArray[Any]:
        """The parameter vector after the last epoch that ``next_epoch`` returned."""
        if not self.is_ahead:
            return self._program.theta
        theta: NDArray[Any] = self._history.theta[self._emitted]
        return theta

    def roll_back(self) -> None:
        """Forget the epochs that were not emitted: the program goes on after the last that was."""
        for mine, emitted in zip(self._program.changing(), self.state(), strict=True):
            if mine is not emitted:
                mine[...] = emitted
        self.is_ahead = False
