"""Whether all contestants learn the same: their losses, from the same weights and rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.case import Case
from benchmarks.results import Measurement
from benchmarks.roster import OURS

TOLERANCES = {"float32": 1e-3, "float64": 1e-4}
"""The largest relative difference of a first epoch's loss: roundings are not the same."""
GROWTH = 10.0
"""How much larger it may be in later epochs: roundings grow with hundreds of steps."""
RANDOM_TOLERANCE = 0.25
"""Where a network drops units at random, and everyone drops others."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A peer's losses against ours."""

    case: str
    contestant: str
    difference: float
    tolerance: float

    @property
    def holds(self) -> bool:
        return self.difference <= self.tolerance


def tolerance(case: Case) -> float:
    return RANDOM_TOLERANCE if case.random else TOLERANCES[case.precision]


def difference(ours: list[float], theirs: list[float]) -> float:
    """The largest relative difference of any epoch's loss; that of later ones counts a tenth."""
    first, *later = (abs(own - other) / abs(own) for own, other in zip(ours, theirs, strict=True))
    return max([first, *(each / GROWTH for each in later)])


def agreements(cases: Iterable[Case], measurements: Iterable[Measurement]) -> list[Agreement]:
    """Every peer whose losses were asked for, against ours."""
    losses = {(m.case, m.contestant): m.losses for m in measurements if m.losses}
    found = []
    for case in cases:
        ours = losses.pop((case.name, OURS), None)
        for (name, contestant), theirs in losses.items():
            if name == case.name and ours:
                found.append(
                    Agreement(
                        case=name,
                        contestant=contestant,
                        difference=difference(ours, theirs),
                        tolerance=tolerance(case),
                    )
                )
    return found
