"""What a contestant's process answers: times of a turn, losses, and what it has used."""

import resource
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from threadpoolctl import threadpool_info  # type: ignore[import-untyped]  # has no marker

from benchmarks.contestants.base import Epoch, Trainer
from benchmarks.handed import Handed

JOB_EPOCHS = 100
"""The epochs of a job: a turn begins a new one then, so that all train in the same regime."""


def peak_memory_bytes() -> int:
    """The largest resident size so far.

    On Linux from the process itself: what `getrusage` gives may be that of the process it was
    started from.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [each for each in status.read_text().splitlines() if each.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Answers:
    """Questions are methods, answers JSON values. The first epoch is trained on the way."""

    def __init__(self, trainer: Callable[[Handed], Trainer], handed: Handed) -> None:
        self._make, self._handed = trainer, handed
        self._trainer = trainer(handed)
        self._epochs = self._jobs()
        _, self.first = next(self._epochs)
        self._seconds = self.first.seconds

    def _jobs(self) -> Iterator[tuple[bool, Epoch]]:
        """Epochs of one job after another, and whether each is the first of its job."""
        while True:
            for number, epoch in enumerate(islice(self._trainer.train(shuffle=True), JOB_EPOCHS)):
                self._seconds = epoch.seconds
                yield number == 0, epoch

    def turn(self, seconds: float) -> dict[str, Any]:
        """Train for so many seconds, or one epoch if that takes longer.

        The first epoch of a job is not timed, nor is the first of a turn, in which caches fill
        again, unless a single one takes longer than a turn.
        """
        taken: list[float] = []
        if self._seconds < seconds:
            next(self._epochs)
        while not taken or sum(taken) < seconds:
            begins, epoch = next(self._epochs)
            if not begins:
                taken.append(epoch.seconds)
        return {
            "epochs": len(taken),
            "seconds": sum(taken),
            "median": median(taken),
            "fastest": min(taken),
            "slowest": max(taken),
        }

    def losses(self, epochs: int) -> list[float | None]:
        """Mean training losses of the first epochs, on whole mini-batches of rows as stored."""
        trainer = self._make(self._handed.whole_batches())
        return [epoch.loss for epoch in islice(trainer.train(shuffle=False), epochs)]

    def usage(self) -> dict[str, Any]:
        """Peak memory of this process, and the BLAS and thread libraries that it has loaded."""
        kept = ("internal_api", "version", "architecture", "threading_layer", "num_threads")
        return {
            "peak_memory_bytes": peak_memory_bytes(),
            "libraries": [
                {k: v for k, v in each.items() if k in kept} for each in threadpool_info()
            ],
        }
