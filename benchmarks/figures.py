"""From turns to figures: medians, spreads, ratios."""

from collections.abc import Iterable, Sequence
from math import exp, log
from statistics import mean, median, quantiles
from typing import NamedTuple

from benchmarks.contestants.answers import JOB_EPOCHS
from benchmarks.results import Measurement
from benchmarks.roster import LIMIT, OURS


class Spread(NamedTuple):
    """A median, and the quartiles around it (the extremes of fewer than four values)."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        if len(values) < 4:
            return cls(median(values), min(values), max(values))
        low, middle, high = quantiles(values, n=4, method="inclusive")
        return cls(middle, low, high)


def epoch_seconds(measurement: Measurement) -> Spread:
    """Of the turns of all copies, each turn being the median of its epochs."""
    return Spread.of([turn.median for copy in measurement.copies for turn in copy.turns])


def jobs_per_second(measurement: Measurement) -> float:
    """Jobs of JOB_EPOCHS epochs that all copies together train in a second."""
    each = (median([turn.median for turn in copy.turns]) for copy in measurement.copies)
    return sum(1.0 / (JOB_EPOCHS * seconds) for seconds in each)


def first_epoch_seconds(measurement: Measurement) -> float:
    return median([copy.first_epoch_seconds for copy in measurement.copies])


def peak_memory_mebibytes(measurement: Measurement) -> float:
    return max(copy.peak_memory_bytes for copy in measurement.copies) / 2**20


def alone(measurements: Iterable[Measurement]) -> dict[str, Measurement]:
    """Of each contestant, its better number of threads when it has the machine to itself."""
    best: dict[str, Measurement] = {}
    for one in measurements:
        if len(one.copies) > 1:
            continue
        known = best.get(one.contestant)
        if known is None or epoch_seconds(one).median < epoch_seconds(known).median:
            best[one.contestant] = one
    return best


def per_core(measurements: Iterable[Measurement]) -> dict[str, Measurement]:
    """Of each contestant, how it did with one copy on every core."""
    return {one.contestant: one for one in measurements if len(one.copies) > 1}


def speedup(by_contestant: dict[str, Measurement]) -> float | None:
    """How many times as fast the engine is as the fastest peer; None without peers."""
    rates = {name: jobs_per_second(one) for name, one in by_contestant.items() if name != LIMIT}
    ours = rates.pop(OURS)
    return ours / max(rates.values()) if rates else None


def shares_of_limit(measurements: Iterable[Measurement]) -> dict[int, float]:
    """By threads, when alone: time of the matrix products divided by time of the engine."""
    seconds = {
        (one.contestant, one.threads): epoch_seconds(one).median
        for one in measurements
        if len(one.copies) == 1
    }
    return {
        threads: time / seconds[OURS, threads]
        for (name, threads), time in seconds.items()
        if name == LIMIT and (OURS, threads) in seconds
    }


def geometric_mean(values: Iterable[float]) -> float:
    return exp(mean(map(log, values)))
