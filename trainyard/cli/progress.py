"""A training as it happens: how far it is, both losses and their curves, its pace, time to go."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from trainyard.cli.curves import bounds, sparkline
from trainyard.cli.output import notes

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.table import Table

    from trainyard.events import EndEvent, Event
    from trainyard.results import Epoch, Job

_METRICS = ("accuracy", "r2")
_WINDOW = 20
_FRAMES_PER_SECOND = 8
_MAX_POINTS = 4000
_BAR = 24
_CURVE = 40
_BESIDE_CURVE = 30
"""Columns that the name and the value before a curve take, and a few that stay free: a terminal
writes ^C there, which must not begin a line."""


@dataclass
class Throughput:
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


@dataclass
class MetricHistory:
    """The values of one measure so far, thinned out where they are very many."""

    points: list[tuple[int, float | None]] = field(default_factory=list)

    def add(self, place: int, value: float | None) -> None:
        self.points.append((place, value))
        if len(self.points) > _MAX_POINTS:
            self.points = self.points[::2]


def measurements(epoch: Epoch) -> str:
    """The losses of an epoch and its metric, on held-out rows where there are any."""
    parts = [f"fold {epoch.fold}"] if epoch.fold else []
    parts.append(f"loss {measured(epoch.train.get('loss'))}")
    if epoch.validation:
        parts.append(f"validation {measured(epoch.validation.get('loss'))}")
    scores = epoch.validation or epoch.train
    parts += [f"{name} {measured(scores[name])}" for name in _METRICS if name in scores]
    return "  ".join(parts)


def measured(value: float | None) -> str:
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


class LiveView:
    """Shows events of a job in a few lines that change in place, or as ten lines where it cannot.

    ::

        digits  ━━━━━━━━━━━━━━╸━━━━━━━━━  epoch 214/500  ETA 0:12  48,210 samples/s
          loss          0.0213  ▇▆▅▄▃▃▂▂▂▁▁▁
          validation    0.1021  ▇▆▅▄▄▃▃▃▃▃▃▃  best 0.0981 at epoch 160
          accuracy      0.9722  ▁▃▅▆▇▇▇▇▇▇▇▇
    """

    def __init__(self, job: Job, console: Console | None = None) -> None:
        self._console = console or notes()
        self._label = _shortened(job.name or job.id, 24)
        self._epochs = job.progress.epochs
        self._each: int = job.spec.get("training", {}).get("epochs", self._epochs)
        self._pace = Throughput()
        self._status = job.status
        self._end = ""
        self._histories: dict[str, MetricHistory] = {}
        self._last: Epoch | None = None
        self._best: tuple[float, int] | None = None
        self._told = 0
        self._told_epoch = 0
        self._live: Live | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            from rich.live import Live

            self._live = Live(
                get_renderable=self._drawn,
                console=self._console,
                refresh_per_second=_FRAMES_PER_SECOND,
            )
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def remember(self, epochs: Iterable[Epoch], until: int) -> None:
        """Begin the curves with earlier epochs, up to the event ``until``."""
        for epoch in epochs:
            if epoch.seq <= until:
                self._note(epoch)

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
            self._status = event.transition.to_status

    def _show_epoch(self, epoch: Epoch) -> None:
        self._note(epoch)
        self._pace.add(epoch)
        if self._place(epoch) == 1 or self._tenth(epoch) > self._told:
            self._tell(epoch)

    def _note(self, epoch: Epoch) -> None:
        """Keep what the curves and the best epoch are made of."""
        self._last = epoch
        place = self._place(epoch)
        for name, value in _measures(epoch).items():
            self._histories.setdefault(name, MetricHistory()).add(place, value)
        loss = (epoch.validation or epoch.train).get("loss")
        if loss is not None and (self._best is None or loss < self._best[0]):
            self._best = loss, place

    def _show_end(self, end: EndEvent) -> None:
        self._end = end.status + (f" ({end.stop_reason})" if end.stop_reason else "")
        if self._last is not None and self._place(self._last) != self._told_epoch:
            self._tell(self._last)

    def _tell(self, epoch: Epoch) -> None:
        """A line of its own, for logs and pipes."""
        self._told, self._told_epoch = self._tenth(epoch), self._place(epoch)
        if self._live is None:
            line = f"{self._label}  {self._epoch_said(epoch)}  {measurements(epoch)}"
            pace = "  ".join(filter(None, (self._rate_said(), self._time_said())))
            self._console.print(f"{line}  {pace}", markup=False, soft_wrap=True)

    def _tenth(self, epoch: Epoch) -> int:
        return 10 * self._place(epoch) // max(1, self._epochs)

    def _place(self, epoch: Epoch) -> int:
        """Among the epochs of all folds; those of the last training, on all rows, come last."""
        before = self._each * (epoch.fold - 1) if epoch.fold else self._epochs - self._each
        return before + epoch.epoch

    def _epoch_said(self, epoch: Epoch | None) -> str:
        return f"epoch {self._place(epoch) if epoch else 0}/{self._epochs}"

    def _rate_said(self) -> str:
        rate = self._pace.samples_per_second
        return "" if rate is None else f"{rate:,.0f} samples/s"

    def _time_said(self) -> str:
        if self._last is None:
            return ""
        return f"ETA {_duration(self._pace.time_to_go(self._epochs - self._place(self._last)))}"

    def _drawn(self) -> RenderableType:
        """A line about the whole, and one for each measure."""
        from rich.console import Group

        return Group(self._headline(), self._curves())

    def _headline(self) -> RenderableType:
        """What does not fit is left out, the least important first."""
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        said = [self._epoch_said(self._last), self._state_said()]
        room = self._console.width - len(self._label) - sum(len(each) + 2 for each in said)
        is_going = not self._end and self._status == "running"
        if is_going and len(self._rate_said()) + 2 <= room:
            said.append(self._rate_said())
            room -= len(said[-1]) + 2
        done = self._place(self._last) if self._last else 0
        line = Table.grid(padding=(0, 2, 0, 0))
        bar = [ProgressBar(self._epochs, done, width=min(_BAR, room - 2))] if room > 10 else []
        line.add_row(f"[bold]{_escaped(self._label)}[/bold]", *bar, *said)
        return line

    def _state_said(self) -> str:
        """That nothing happens is worth a word; that it does, the numbers say."""
        if self._end:
            colour = {"succeeded": "green", "failed": "red"}.get(self._end.split()[0], "yellow")
            return f"[{colour}]{self._end}[/{colour}]"
        if self._last is None or self._status in {"queued", "paused"}:
            return "starting" if self._status == "running" else self._status
        return self._time_said()

    def _curves(self) -> Table:
        from rich.table import Table

        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(min_width=12)
        grid.add_column(justify="right", min_width=7)
        grid.add_column(style="cyan", no_wrap=True)
        grid.add_column(style="dim", no_wrap=True)
        best = f"best {measured(self._best[0])} at epoch {self._best[1]}" if self._best else ""
        room = self._console.width - _BESIDE_CURVE
        is_wide = room > _CURVE // 2 + len(best)
        width = max(1, min(_CURVE, room - (len(best) if is_wide else 0)))
        losses = [name for name in self._histories if name in {"loss", "validation"}]
        within = bounds(*(self._histories[name].points for name in losses))
        for name, history in self._histories.items():
            drawn = sparkline(history.points, width, within if name in losses else None)
            beside = best if is_wide and name == losses[-1] else ""
            grid.add_row(f"  {name}", measured(history.points[-1][1]), drawn, beside)
        return grid


def _measures(epoch: Epoch) -> dict[str, float | None]:
    """The losses of an epoch and its metric, by the names that they are shown with."""
    values = {"loss": epoch.train.get("loss")}
    if epoch.validation:
        values["validation"] = epoch.validation.get("loss")
    scores = epoch.validation or epoch.train
    return values | {name: scores[name] for name in _METRICS if name in scores}


def _shortened(label: str, width: int) -> str:
    return label if len(label) <= width else label[: width - 1] + "…"


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
