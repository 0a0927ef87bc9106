"""Curves of the loss as an SVG drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log10

from trainyard.records import Epoch

WIDTH, HEIGHT = 520, 170
LEFT, RIGHT, TOP, BOTTOM = 58, 10, 10, 24
COLOURS = {"train": "#3b82c4", "validation": "#e07b28"}
"""Told apart by people who see red and green alike, and visible on white and on black."""
DECADES_FOR_LOG = 1.5
"""From how many powers of ten between the losses on their logarithms are drawn."""

Point = tuple[int, float]


@dataclass(frozen=True)
class Axis:
    """Where a value lies between the lowest and the highest, from 0 to 1."""

    low: float
    high: float
    is_logarithmic: bool = False

    @classmethod
    def of_losses(cls, losses: Sequence[float]) -> Axis:
        """Logarithmic where they span orders of magnitude."""
        low, high = min(losses), max(losses)
        spans = low > 0 and log10(high / low) >= DECADES_FOR_LOG
        return cls(low, high, is_logarithmic=spans)

    def place(self, value: float) -> float:
        scale: Callable[[float], float] = log10 if self.is_logarithmic else float
        width = scale(self.high) - scale(self.low)
        return (scale(value) - scale(self.low)) / width if width else 0.5


def losses_svg(epochs: Sequence[Epoch], last: int = 0) -> str:
    """Train and validation loss by epoch, up to the epoch ``last``; nothing if there are none.

    Each fold of a cross-validation has its own lines. A loss that is not a number leaves a gap.
    """
    lines = [(part, line) for part in COLOURS for line in _lines(epochs, part)]
    points = [point for _, line in lines for point in line]
    if not points:
        return ""
    across = Axis(1, max(last, *(epoch for epoch, _ in points)))
    upward = Axis.of_losses([loss for _, loss in points])
    faint = 1 if len({epoch.fold for epoch in epochs}) == 1 else 0.45
    drawn = "".join(
        f'<polyline points="{_path(line, across, upward)}" fill="none" stroke="{COLOURS[part]}" '
        f'stroke-width="1.6" stroke-linejoin="round" stroke-linecap="round" opacity="{faint}"/>'
        for part, line in lines
    )
    parts = [part for part in COLOURS if any(part == each for each, _ in lines)]
    told = f"Loss of {' and '.join(parts)} over {across.high:g} epochs"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(told)}" style="max-width:100%;height:auto">'
        f"{_frame(across, upward)}{drawn}{_legend(parts, upward)}</svg>"
    )


def _lines(epochs: Iterable[Epoch], part: str) -> Iterator[list[Point]]:
    """What can be drawn in one go: the epochs of a fold, as far as their losses are numbers."""
    line: list[Point] = []
    fold = None
    for epoch in sorted(epochs, key=lambda each: (each.fold, each.epoch)):
        loss = (getattr(epoch, part) or {}).get("loss")
        if line and (loss is None or epoch.fold != fold):
            yield line
            line = []
        fold = epoch.fold
        if loss is not None:
            line.append((epoch.epoch, loss))
    if line:
        yield line


def _path(line: list[Point], across: Axis, upward: Axis) -> str:
    if len(line) == 1:
        line = line * 2  # a line to itself is a dot
    return " ".join(
        f"{LEFT + across.place(epoch) * (WIDTH - LEFT - RIGHT):.1f},{_height(upward, loss):.1f}"
        for epoch, loss in line
    )


def _height(upward: Axis, loss: float) -> float:
    return HEIGHT - BOTTOM - upward.place(loss) * (HEIGHT - TOP - BOTTOM)


def _frame(across: Axis, upward: Axis) -> str:
    """The axes with their ends, in the colour of the text around them."""
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    return (
        '<g font-family="sans-serif" font-size="11" fill="currentColor" opacity="0.75">'
        f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="currentColor" '
        'opacity="0.5"/>'
        f'<text x="{LEFT - 6}" y="{TOP + 8}" text-anchor="end">{upward.high:.3g}</text>'
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">{upward.low:.3g}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{across.low:g}</text>'
        f'<text x="{right}" y="{HEIGHT - 8}" text-anchor="end">{across.high:g}</text>'
        f'<text x="{(LEFT + right) / 2:g}" y="{HEIGHT - 8}" text-anchor="middle">'
        "epoch</text></g>"
    )


def _legend(parts: Sequence[str], upward: Axis) -> str:
    scale = "loss, logarithmic" if upward.is_logarithmic else "loss"
    entries = "".join(
        f'<tspan dx="12" font-weight="600" fill="{COLOURS[part]}">{part}</tspan>' for part in parts
    )
    return (
        f'<text x="{WIDTH - RIGHT}" y="{TOP + 10}" text-anchor="end" font-family="sans-serif" '
        f'font-size="12" fill="currentColor"><tspan opacity="0.75">{scale}</tspan>{entries}</text>'
    )
