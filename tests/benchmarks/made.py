"""Made-up results: what a run would leave, with numbers that are easy to check."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.case import Case, plain
from benchmarks.results import Copy, Measurement, Results, Turn
from benchmarks.shapes import SHAPES

TINY = plain(SHAPES["tiny"])
WIDE = plain(SHAPES["wide"])
NOISY = replace(plain(SHAPES["digits"]), name="dropout", dropout=0.2)


def copy(seconds: Sequence[float]) -> Copy:
    turns = [Turn(epochs=2, seconds=2 * s, median=s, fastest=s, slowest=s) for s in seconds]
    return Copy(first_epoch_seconds=1.5, peak_memory_bytes=2**20, libraries=[], turns=turns)


def measured(
    case: Case,
    contestant: str,
    *copies: Sequence[float],
    threads: int = 1,
    losses: list[float] | None = None,
) -> Measurement:
    """One copy for each list of seconds, which are its turns."""
    return Measurement(
        case=case.name,
        contestant=contestant,
        threads=threads,
        copies=[copy(seconds) for seconds in copies],
        losses=losses,
    )


def results(cases: list[Case], measurements: list[Measurement]) -> Results:
    return Results(
        machine={"processor": "a made-up one"},
        settings={},
        cases=[case.to_json() for case in cases],
        measurements=measurements,
    )
