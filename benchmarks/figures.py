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


def rates(measurement: Measurement) -> list[float]:
    """Epochs per second of all copies together, round by round."""
    rounds = zip(*(copy.turns for copy in measurement.copies), strict=True)
    return [sum(1.0 / turn.median for turn in turns) for turns in rounds]


def times_as_fast(one: Measurement, other: Measurement) -> float:
    """The median over rounds of the ratio of both rates: a slow minute slows both."""
    pairs = zip(rates(one), rates(other), strict=False)
    return median([own / their for own, their in pairs])


def speedup(by_contestant: dict[str, Measurement]) -> float | None:
    """How many times as fast the engine is as the fastest peer; None without peers."""
    ours = by_contestant[OURS]
    peers = [one for name, one in by_contestant.items() if name not in {OURS, LIMIT}]
    return min(times_as_fast(ours, peer) for peer in peers) if peers else None


def shares_of_limit(measurements: Iterable[Measurement]) -> dict[int, float]:
    """By threads, when alone: the engine's speed as a share of that of its matrix products."""
    found = {(m.contestant, m.threads): m for m in measurements if len(m.copies) == 1}
    return {
        threads: times_as_fast(found[OURS, threads], limit)
        for (name, threads), limit in found.items()
        if name == LIMIT and (OURS, threads) in found
    }


def geometric_mean(values: Iterable[float]) -> float:
    return exp(mean(map(log, values)))
