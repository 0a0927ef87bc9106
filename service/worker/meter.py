"""How far an attempt is, how fast, and when it will be done."""

from __future__ import annotations

from engine.training.events import EpochEnd
from engine.training.events import Progress as StepsDone
from service.epochs.repository import Progress

WEIGHT = 0.2
"""Of the newest epoch in the moving mean of the speed."""


class Meter:
    """Progress of one attempt that begins after `first_epoch` of `total_epochs`.

    `now` is a monotonic time in seconds.
    """

    def __init__(self, total_epochs: int, first_epoch: int, now: float) -> None:
        self._total_epochs = total_epochs
        self._first_fraction = self._fraction = first_epoch / total_epochs
        self._epoch = first_epoch
        self._started = self._now = now
        self._speed: float | None = None

    def epoch(self, event: EpochEnd, now: float) -> None:
        """An epoch is done."""
        if event.seconds > 0:
            speed = event.samples / event.seconds
            self._speed = speed if self._speed is None else _mean(self._speed, speed)
        self._now, self._epoch = now, event.epochs_before + event.epoch
        self._fraction = self._epoch / self._total_epochs

    def steps(self, event: StepsDone, now: float) -> None:
        """A part of an epoch is done."""
        self._now, self._epoch = now, event.epochs_before + event.epoch - 1
        self._fraction = event.fraction

    @property
    def progress(self) -> Progress:
        """As it was when it was last heard of. Made when it is wanted: epochs may be many."""
        done = self._fraction - self._first_fraction
        elapsed = self._now - self._started
        return Progress(
            epoch=self._epoch,
            fraction=self._fraction,
            samples_per_second=self._speed,
            eta_seconds=elapsed / done * (1.0 - self._fraction) if done > 0 else None,
        )


def _mean(before: float, newest: float) -> float:
    return (1 - WEIGHT) * before + WEIGHT * newest
