"""The picture of a run: time per epoch, and how many times the best peer's speed is ours."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import figures
from benchmarks.case import Case
from benchmarks.results import Measurement, Results
from benchmarks.roster import LIMIT, ROSTER
from benchmarks.tables import Reading

COLOURS = {
    "trainyard_engine": "#0072b2",
    "pytorch": "#d55e00",
    "jax_scan": "#009e73",
    "scikit_learn": "#e69f00",
    LIMIT: "#777777",
}
"""Told apart by eyes of every kind (Okabe, Ito, 2008)."""


def bars(axes: Any, title: str, cases: list[Case], choose: Callable[[Case], Any]) -> None:
    """Groups of bars, one group a case: milliseconds per epoch, with quartiles."""
    chosen: list[dict[str, Measurement]] = [choose(case) for case in cases]
    names = [name for name in ROSTER if any(name in found for found in chosen)]
    width = 0.8 / max(1, len(names))
    for place, name in enumerate(names):
        at = [i + width * (place - (len(names) - 1) / 2) for i, f in enumerate(chosen) if name in f]
        spreads = [figures.epoch_seconds(found[name]) for found in chosen if name in found]
        axes.bar(
            at,
            [1e3 * spread.median for spread in spreads],
            width,
            yerr=[
                [1e3 * (spread.median - spread.low) for spread in spreads],
                [1e3 * (spread.high - spread.median) for spread in spreads],
            ],
            label=ROSTER[name].title,
            color=COLOURS[name],
            error_kw={"elinewidth": 0.8},
        )
    axes.set_yscale("log")
    axes.set_title(title)
    axes.set_ylabel("milliseconds per epoch")
    axes.set_xticks(range(len(cases)), [case.name for case in cases])


def ratios(axes: Any, reading: Reading) -> None:
    """Bars to the right of 1 are cases in which the engine is the fastest."""
    found = {
        case.name: ratio
        for case in reversed(reading.cases)
        if (ratio := figures.speedup(reading.alone(case))) is not None
    }
    colours = [COLOURS["trainyard_engine"] if ratio >= 1 else "#cc3311" for ratio in found.values()]
    axes.barh(list(found), list(found.values()), color=colours)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_title("Speed of Trainyard over the best peer")


def curves(panels: Mapping[str, Mapping[str, Sequence[tuple[int, float]]]], path: Path) -> None:
    """Seconds per epoch by what is varied, a panel each, both axes logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4 * ((len(panels) + 1) // 2)), layout="constrained")
    grid = figure.subplots((len(panels) + 1) // 2, 2, squeeze=False)
    for axes, (title, contestants) in zip(grid.flat, panels.items(), strict=False):
        for name, points in contestants.items():
            if points:
                values, seconds = zip(*points, strict=True)
                milliseconds = [1e3 * each for each in seconds]
                style = {"color": COLOURS[name], "label": ROSTER[name].title}
                axes.loglog(values, milliseconds, marker="o", markersize=3, **style)
                axes.set_xticks(values, [f"{value:,}" for value in values])
                axes.minorticks_off()
        axes.set_xlabel(title)
        axes.set_ylabel("milliseconds per epoch")
        axes.grid(visible=True, linewidth=0.3)
    grid[0, 0].legend(fontsize="small")
    save(figure, path)


def save(figure: Any, path: Path) -> None:
    """Without the date, so that the same results give the same file."""
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def plot(results: Results, path: Path) -> None:
    """Draw it; the ending of the path is the format."""
    from matplotlib.figure import Figure

    reading = Reading(results)
    panels: list[Callable[[Any], None]] = []
    if reading.shapes:
        panels.append(
            lambda axes: bars(axes, "One job, whole machine", reading.shapes, reading.alone)
        )
    shared = [case for case in reading.shapes if reading.per_core(case)]
    if shared:
        panels.append(lambda axes: bars(axes, "One job per core", shared, reading.per_core))
    panels.append(lambda axes: ratios(axes, reading))
    heights = [4.0] * (len(panels) - 1) + [max(2.0, 0.28 * len(reading.cases))]
    figure = Figure(figsize=(9, sum(heights)), layout="constrained")
    grid = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)
    for draw, axes in zip(panels, grid[:, 0], strict=True):
        draw(axes)
    if reading.shapes:
        grid[0, 0].legend(fontsize="small")
    save(figure, path)
