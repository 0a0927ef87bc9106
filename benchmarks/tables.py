"""The tables of a run, as rows of text: for the terminal and for Markdown alike."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import floor, log10
from typing import NamedTuple

from benchmarks import figures, goals
from benchmarks.agreement import agreements
from benchmarks.case import Case
from benchmarks.contestants.answers import JOB_EPOCHS
from benchmarks.results import Measurement, Results
from benchmarks.roster import LIMIT, ROSTER
from benchmarks.shapes import SHAPES

ByContestant = dict[str, Measurement]
Cell = Callable[[Measurement], str]


class Grid(NamedTuple):
    """A table: names on the left, numbers on the right."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass
class Reading:
    """Results by case, in the order of the cases."""

    results: Results
    cases: list[Case] = field(init=False)

    def __post_init__(self) -> None:
        self.cases = [Case.from_json(each) for each in self.results.cases]

    @property
    def shapes(self) -> list[Case]:
        return [case for case in self.cases if case.name in SHAPES]

    @property
    def variants(self) -> list[Case]:
        return [case for case in self.cases if case.name not in SHAPES]

    def of(self, case: Case) -> list[Measurement]:
        return [each for each in self.results.measurements if each.case == case.name]

    def alone(self, case: Case) -> ByContestant:
        return figures.alone(self.of(case))

    def per_core(self, case: Case) -> ByContestant:
        return figures.per_core(self.of(case))


def number(value: float) -> str:
    """Three digits that say something, never an exponent."""
    places = max(0, 2 - floor(log10(value))) if value > 0 else 0
    return f"{value:,.{places}f}"


def milliseconds(measurement: Measurement) -> str:
    """Median, half the distance of the quartiles in percent, and the threads if several."""
    spread = figures.epoch_seconds(measurement)
    half = 50 * (spread.high - spread.low) / spread.median
    threads = f" /{measurement.threads}" if measurement.threads > 1 else ""
    return f"{number(1e3 * spread.median)} ±{half:.0f}%{threads}"


def factor(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}x"


def by_contestant(
    title: str,
    cases: Iterable[Case],
    choose: Callable[[Case], ByContestant],
    cell: Cell,
    *,
    compared: bool = False,
) -> list[Grid]:
    """A row for each case, a column for each contestant; nothing where nothing was measured."""
    chosen = {case.name: found for case in cases if (found := choose(case))}
    present = {name for found in chosen.values() for name in found}
    names = [name for name in ROSTER if name in present and (compared or name != LIMIT)]
    rows, speedups = [], []
    for case, found in chosen.items():
        cells = [cell(found[name]) if name in found else "" for name in names]
        ratio = figures.speedup(found)
        speedups += [] if ratio is None else [ratio]
        rows.append([case, *cells, *([factor(ratio)] if compared else [])])
    if compared and speedups:
        mean = figures.geometric_mean(speedups)
        rows.append(["geometric mean", *[""] * len(names), factor(mean)])
    columns = ["", *(ROSTER[name].title for name in names), *(["best peer/ours"] * compared)]
    return [Grid(title, columns, rows)] if rows else []


def whole_machine(reading: Reading) -> list[Grid]:
    title = "One job on the whole machine, milliseconds per epoch (/2: with two threads)"
    return by_contestant(title, reading.shapes, reading.alone, milliseconds, compared=True)


def every_core(reading: Reading) -> list[Grid]:
    def jobs(measurement: Measurement) -> str:
        return number(figures.jobs_per_second(measurement))

    title = f"One job per core: jobs of {JOB_EPOCHS} epochs per second, all cores together"
    return by_contestant(title, reading.shapes, reading.per_core, jobs, compared=True)


def throughput(reading: Reading) -> list[Grid]:
    rows = {case.name: case.shape.rows for case in reading.shapes}

    def samples(measurement: Measurement) -> str:
        return f"{rows[measurement.case] / figures.epoch_seconds(measurement).median:,.0f}"

    title = "One job on the whole machine, samples per second"
    return by_contestant(title, reading.shapes, reading.alone, samples)


def starts(reading: Reading) -> list[Grid]:
    def seconds(measurement: Measurement) -> str:
        return f"{figures.first_epoch_seconds(measurement):.2f}"

    title = "Seconds from the start of a process to the end of its first epoch, caches warm"
    return by_contestant(title, reading.shapes, reading.alone, seconds)


def memory(reading: Reading) -> list[Grid]:
    def peak(measurement: Measurement) -> str:
        return f"{figures.peak_memory_mebibytes(measurement):.0f}"

    title = "Peak memory of the process in MiB"
    return by_contestant(title, reading.shapes, reading.alone, peak)


def limits(reading: Reading) -> list[Grid]:
    """The engine's speed as a share of that of its matrix products alone."""
    shares = {case.name: figures.shares_of_limit(reading.of(case)) for case in reading.shapes}
    threads = sorted({each for found in shares.values() for each in found})
    rows = [
        [name, *(f"{100 * found[n]:.0f} %" if n in found else "" for n in threads)]
        for name, found in shares.items()
    ]
    columns = ["", *(f"{n} thread{'s' * (n > 1)}" for n in threads)]
    return [Grid("Speed of the matrix products alone that is reached", columns, rows)] * bool(
        threads
    )


def varied(reading: Reading) -> list[Grid]:
    title = "Variants of one shape, one thread, milliseconds per epoch"
    return by_contestant(title, reading.variants, reading.alone, milliseconds, compared=True)


def agreed(reading: Reading) -> list[Grid]:
    """Peers by their largest difference, and every case in which the tolerance was left."""
    rows = [
        [
            ROSTER[each.contestant].title,
            each.case,
            f"{each.difference:.1e}",
            f"{each.tolerance:.0e}",
            "yes" if each.holds else "NO",
        ]
        for each in agreements(reading.cases, reading.results.measurements)
    ]
    worst = [row for row in rows if row[-1] == "NO"]
    by_peer = {row[0]: row for row in sorted(rows, key=lambda row: float(row[2]) / float(row[3]))}
    shown = worst + [row for row in by_peer.values() if row not in worst]
    columns = ["", "case", "difference", "tolerance", "agrees"]
    title = f"Losses against ours: {len(rows) - len(worst)} of {len(rows)} agree; the largest"
    return [Grid(title, columns, shown)] if rows else []


def reached(reading: Reading) -> list[Grid]:
    """The goals, each with what was reached."""

    def speedups(choose: Callable[[Case], ByContestant]) -> dict[str, float]:
        found = {
            case.name: figures.speedup(choose(case)) for case in reading.shapes if choose(case)
        }
        return {name: ratio for name, ratio in found.items() if ratio is not None}

    wide = [case for case in reading.shapes if case.name == goals.WIDE]
    shares = [s for case in wide for s in figures.shares_of_limit(reading.of(case)).values()]
    wanted = [
        *goals.of_speedups("whole machine", speedups(reading.alone)),
        *goals.of_speedups("one job per core", speedups(reading.per_core)),
        *goals.of_limit(shares),
    ]
    rows = [
        [goal.text, f"{goal.reached:.2f}", f"{goal.wanted:.2f}", "yes" if goal.met else "NO"]
        for goal in wanted
    ]
    return [Grid("Goals", ["", "reached", "wanted", "met"], rows)] if rows else []


def tables(results: Results) -> list[Grid]:
    """All that there is something to say in."""
    reading = Reading(results)
    parts = (
        *(whole_machine, every_core, limits, throughput, starts, memory),
        *(varied, agreed, reached),
    )
    return [grid for part in parts for grid in part(reading)]
