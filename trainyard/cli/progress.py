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

    from trainyard.events import EndEvent, Event
    from trainyard.results import Epoch, Job

_METRICS = ("accuracy", "r2")
_WINDOW = 20
NARROW = 110
WIDE = 130


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
    parts = [f"fold {epoch.fold}"] if epoch.fold else []
    parts.append(f"loss {_number(epoch.train.get('loss'))}")
    if epoch.validation:
        parts.append(f"validation {_number(epoch.validation.get('loss'))}")
    measured = epoch.validation or epoch.train
    parts += [f"{name} {_number(measured[name])}" for name in _METRICS if name in measured]
    return "  ".join(parts)


def _number(value: float | None) -> str:
    """Four decimals where they say enough, else scientific; ``-`` if it was not finite."""
    if value is None:
        return "-"
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e4 else f"{value:.1e}"


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
        self._is_narrow = self._console.is_terminal and self._console.width < NARROW
        self._label = _shortened(job.name or job.id, 8 if self._is_narrow else 24)
        self._epochs = job.progress.epochs
        self._each: int = job.spec.get("training", {}).get("epochs", self._epochs)
        self._pace = Pace()
        self._last: Epoch | None = None
        self._told = 0
        self._told_epoch = 0
        self._bar = _bar(self._console)
        self._task: TaskID = self._bar.add_task(
            self._label, total=self._epochs, said=job.status, pace=""
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
        if self._console.is_terminal:
            self._bar.stop()

    def show_all(self, events: Iterable[Event]) -> None:
        """Show events as they come, until there are no more."""
        for event in events:
            self.show(event)

    def show(self, event: Event) -> None:
        """Take an event in; those that say nothing new to look at change nothing."""
        from trainyard.events import EndEvent, EpochEvent, TransitionEvent

        if isinstance(event, EpochEvent):
            self._show_epoch(event.epoch)
        elif isinstance(event, EndEvent):
            self._show_end(event)
        elif isinstance(event, TransitionEvent):
            self._show_status(event.transition.to_status)

    def _show_epoch(self, epoch: Epoch) -> None:
        self._last = epoch
        self._pace.add(epoch)
        self._bar.update(
            self._task,
            completed=self._place(epoch),
            said=measurements(epoch),
            pace=self._pace_said(),
        )
        if self._place(epoch) == 1 or self._tenth(epoch) > self._told:
            self._tell(epoch)

    def _show_status(self, status: str) -> None:
        """That nothing happens is worth the line; that it does, epochs will say."""
        if status in {"queued", "paused"}:
            self._bar.update(self._task, said=status, pace="")

    def _show_end(self, end: EndEvent) -> None:
        reason = f" ({end.stop_reason})" if end.stop_reason and not self._is_narrow else ""
        self._bar.update(self._task, pace=f"{end.status}{reason}")
        if self._last is not None:
            self._bar.update(self._task, said=measurements(self._last))
            if self._place(self._last) != self._told_epoch:
                self._tell(self._last)

    def _tell(self, epoch: Epoch) -> None:
        """A line of its own, for logs and pipes."""
        self._told, self._told_epoch = self._tenth(epoch), self._place(epoch)
        if not self._console.is_terminal:
            place = f"epoch {self._place(epoch)}/{self._epochs}"
            line = f"{self._label}  {place}  {measurements(epoch)}"
            self._console.print(f"{line}  {self._pace_said()}", markup=False, soft_wrap=True)

    def _tenth(self, epoch: Epoch) -> int:
        return 10 * self._place(epoch) // max(1, self._epochs)

    def _place(self, epoch: Epoch) -> int:
        """Among the epochs of all folds; those of the last training, on all rows, come last."""
        before = self._each * (epoch.fold - 1) if epoch.fold else self._epochs - self._each
        return before + epoch.epoch

    def _pace_said(self) -> str:
        rate = self._pace.samples_per_second
        if rate is None or self._last is None:
            return ""
        to_go = f"ETA {_duration(self._pace.time_to_go(self._epochs - self._place(self._last)))}"
        return to_go if self._is_narrow else f"{rate:,.0f} samples/s  {to_go}"


def _shortened(label: str, width: int) -> str:
    return label if len(label) <= width else label[: width - 1] + "…"


def _bar(console: Console) -> Progress:
    from rich.progress import BarColumn, Progress, TextColumn

    label = TextColumn("{task.description}", markup=False)
    bar = BarColumn(bar_width=20)
    said = TextColumn("{task.fields[said]}", style="cyan", markup=False)
    pace = TextColumn("{task.fields[pace]}", style="dim", markup=False)
    count = "{task.completed:.0f}/{task.total:.0f}"
    if console.width < NARROW:
        return Progress(label, TextColumn(count), said, pace, console=console)
    epoch = TextColumn(f"epoch {count}")
    if console.width < WIDE:
        return Progress(label, epoch, said, pace, console=console)
    return Progress(label, bar, epoch, said, pace, console=console)
