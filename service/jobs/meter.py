"""How far an attempt is, how fast, and when it will be done."""

from __future__ import annotations

from engine.events import EpochEnd
from engine.events import Progress as StepsDone
from service.repositories.epochs import Progress

WEIGHT = 0.2
"""Of the newest epoch in the moving mean of the speed."""


class Meter:
    """Progress of one attempt that begins after `first_epoch` of `total_epochs`.

    `now` is a monotonic time in seconds.
    """

    def __init__(self, total_epochs: int, first_epoch: int, now: float) -> None:
        self._total_epochs = total_epochs
        self._first_fraction = first_epoch / total_epochs
        self._started = now
        self._speed: float | None = None
        self.progress = Progress(first_epoch, self._first_fraction)

    def epoch(self, event: EpochEnd, now: float) -> None:
        """An epoch is done."""
        if event.seconds > 0:
            speed = event.samples / event.seconds
            self._speed = speed if self._speed is None else _mean(self._speed, speed)
        epoch = event.epochs_before + event.epoch
        self._update(epoch, epoch / self._total_epochs, now)

    def steps(self, event: StepsDone, now: float) -> None:
        """A part of an epoch is done."""
        self._update(event.epochs_before + event.epoch - 1, event.fraction, now)

    def _update(self, epoch: int, fraction: float, now: float) -> None:
        done = fraction - self._first_fraction
        elapsed = now - self._started
        self.progress = Progress(
            epoch=epoch,
            fraction=fraction,
            samples_per_second=self._speed,
            eta_seconds=elapsed / done * (1.0 - fraction) if done > 0 else None,
        )


def _mean(before: float, newest: float) -> float:
    return (1 - WEIGHT) * before + WEIGHT * newest
