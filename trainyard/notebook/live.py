"""Watching a job: in a notebook as a card that is drawn again and again, elsewhere as lines."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from trainyard.events import EpochEvent, Event, TransitionEvent
from trainyard.notebook.cards import job_card
from trainyard.records import Epoch, JobRecord, Progress

POINTS = 400
"""About so many epochs are drawn."""
SECONDS_BETWEEN = {"cards": 0.25, "lines": 1.0}

Show = Callable[[str], object]


class View(Protocol):
    """What a watched job is shown on."""

    def show(self, job: JobRecord, epochs: Sequence[Epoch], /) -> None:
        """Show a job with its epochs, at the beginning and at the end."""

    def take(self, event: Event) -> None:
        """Take in what has happened in between, and show it if it is time."""


class Cards:
    """Shows a card, and then another in its place."""

    def __init__(self, show: Show, clock: Callable[[], float] = time.monotonic) -> None:
        self._show, self._clock, self._shown = show, clock, 0.0
        self._epochs: list[Epoch] = []
        self._job: JobRecord

    def show(self, job: JobRecord, epochs: Sequence[Epoch], /) -> None:
        self._job, self._epochs = job, [*epochs]
        self._draw()

    def take(self, event: Event) -> None:
        self._job = updated(self._job, event)
        if isinstance(event, EpochEvent):
            self._epochs.append(event.epoch)
            if len(self._epochs) > 2 * POINTS:
                self._epochs = [*self._epochs[:-1:2], self._epochs[-1]]
        if self._clock() - self._shown >= SECONDS_BETWEEN["cards"]:
            self._draw()

    def _draw(self) -> None:
        self._show(job_card(self._job, self._epochs))
        self._shown = self._clock()


class Lines:
    """Writes a line for an epoch about every second, and one for every change of the status."""

    def __init__(self, write: Show, clock: Callable[[], float] = time.monotonic) -> None:
        self._write, self._clock, self._written = write, clock, -SECONDS_BETWEEN["lines"]
        self._job: JobRecord

    def show(self, job: JobRecord, _epochs: Sequence[Epoch], /) -> None:
        self._job = job
        self._write(line(job))

    def take(self, event: Event) -> None:
        self._job = updated(self._job, event)
        if isinstance(event, TransitionEvent):
            self._write(f"{self._job.id}  {self._job.status}\n")
        elif isinstance(event, EpochEvent) and (
            self._clock() - self._written >= SECONDS_BETWEEN["lines"]
        ):
            self._write(line(self._job))
            self._written = self._clock()


def view(show: Show | None) -> View:
    """Cards for ``show``, or for the notebook that this runs in; without one lines."""
    if show is None:
        show = notebook()
    return Lines(sys.stdout.write) if show is None else Cards(show)


def in_notebook() -> bool:
    """Whether what runs this shows HTML."""
    ipython = sys.modules.get("IPython")  # loaded by whatever runs the notebook, if it is one
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def notebook() -> Show | None:
    """What shows HTML in the notebook that this runs in, always in the same place."""
    if not in_notebook():
        return None
    display = sys.modules["IPython"].display
    handle = display.display(display.HTML(""), display_id=True)
    return lambda card: handle.update(display.HTML(card))


def updated(job: JobRecord, event: Event) -> JobRecord:
    """The job after an event, as far as that tells."""
    if isinstance(event, TransitionEvent):
        return job.model_copy(update={"status": event.transition.to_status})
    if not isinstance(event, EpochEvent):
        return job
    epoch, of = event.epoch.epoch, job.progress.epochs
    fraction = epoch / of if of and not event.epoch.fold else job.progress.fraction
    progress = Progress(epoch=epoch, epochs=of, fraction=min(1.0, fraction))
    return job.model_copy(update={"latest": event.epoch, "progress": progress})


def line(job: JobRecord) -> str:
    """How far a job is, and its losses, on one line."""
    losses = [
        f"{part} loss {measured['loss']:.4g}"
        for part in ("train", "validation")
        if (measured := getattr(job.latest, part, None)) and measured.get("loss") is not None
    ]
    where = f"epoch {job.progress.epoch:,}/{job.progress.epochs:,}"
    return "  ".join([job.id, job.status, where, *losses]) + "\n"
