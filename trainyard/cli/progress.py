"""The live line of a training: epoch, losses, metric, samples per second, time to go."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from trainyard.cli.output import notes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from trainyard.events import Event
    from trainyard.results import Epoch, Job

_METRICS = ("accuracy", "r2")
_WINDOW = 20


@dataclass
class Pace:
    """How fast epochs go by, over the last few of them."""

    _recent: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=_WINDOW))

    def add(self, epoch: Epoch) -> None:
        if epoch.seconds is not None:
            self._recent.append((epoch.seconds, epoch.samples or 0))

    @property
    def seconds(self) -> float:
        return sum(seconds for seconds, _ in self._recent)

    @property
    def samples_per_second(self) -> float | None:
        """Rows trained on per second; ``None`` before anything was measured."""
        return sum(samples for _, samples in self._recent) / self.seconds if self.seconds else None

    def time_to_go(self, epochs: int) -> float | None:
        """Seconds that so many more epochs will take."""
        return self.seconds / len(self._recent) * epochs if self._recent else None


def measurements(epoch: Epoch) -> str:
    """The losses of an epoch and its metric, on held-out rows where there are any."""
    parts = [f"loss {_number(epoch.train.get('loss'))}"]
    if epoch.validation:
        parts.append(f"validation {_number(epoch.validation.get('loss'))}")
    measured = epoch.validation or epoch.train
    parts += [f"{name} {_number(measured[name])}" for name in _METRICS if name in measured]
    return "  ".join(parts)


def _number(value: float | None) -> str:
    """Four decimals where they say enough, else scientific; ``-`` if it was not finite."""
    if value is None:
        return "-"
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.3e}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class LiveLine:
    """Shows events of a job as one line that changes in place, or as ten lines where it cannot."""

    def __init__(self, job: Job, console: Console | None = None) -> None:
        self._console = console or notes()
        self._label = job.name or job.id
        self._epochs = job.progress.epochs
        self._pace = Pace()
        self._tenths = 0
        self._bar = _bar(self._console)
        self._task: TaskID = self._bar.add_task(
            self._label, total=self._epochs, measurements=job.status, pace=""
        )

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bar.stop()

    def show_all(self, events: Iterable[Event]) -> None:
        for event in events:
            self.show(event)

    def show(self, event: Event) -> None:
        """Take an event in; those that say nothing new to look at change nothing."""
        from trainyard.events import EpochEvent, TransitionEvent

        if isinstance(event, EpochEvent):
            self._show_epoch(event.epoch)
        elif isinstance(event, TransitionEvent):
            self._bar.update(self._task, measurements=event.transition.to_status)

    def _show_epoch(self, epoch: Epoch) -> None:
        self._pace.add(epoch)
        rate = self._pace.samples_per_second
        to_go = self._pace.time_to_go(self._epochs - epoch.epoch)
        pace = f"{rate:,.0f} samples/s  ETA {_duration(to_go)}" if rate else ""
        said = measurements(epoch)
        self._bar.update(self._task, completed=epoch.epoch, measurements=said, pace=pace)
        if not self._console.is_terminal and self._is_milestone(epoch.epoch):
            line = f"{self._label}  epoch {epoch.epoch}/{self._epochs}  {said}  {pace}"
            self._console.print(line, markup=False, soft_wrap=True)

    def _is_milestone(self, epoch: int) -> bool:
        """The first epoch, and those that begin another tenth of all."""
        tenths = 10 * epoch // max(1, self._epochs)
        new = epoch == 1 or tenths > self._tenths
        self._tenths = max(self._tenths, tenths)
        return new


def _bar(console: Console) -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("epoch {task.completed:.0f}/{task.total:.0f}"),
        TextColumn("{task.fields[measurements]}", style="cyan", markup=False),
        TextColumn("{task.fields[pace]}", style="dim", markup=False),
        console=console,
        auto_refresh=True,
    )
