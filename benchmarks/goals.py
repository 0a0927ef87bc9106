"""What the engine is meant to reach, and whether it has."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.figures import geometric_mean

EACH, TOGETHER = 1.0, 1.5
"""Times the speed of the best peer: on every shape, and as the geometric mean of all."""
WIDE, WIDE_SHARE = "wide", 0.9
"""The share of the speed of its matrix products alone, on the shape where those decide."""


@dataclass(frozen=True)
class Goal:
    """A sentence, and what is compared in it."""

    text: str
    reached: float
    wanted: float

    @property
    def met(self) -> bool:
        return self.reached >= self.wanted


def of_speedups(mode: str, speedups: dict[str, float]) -> list[Goal]:
    """The slowest shape, and all of them together."""
    if not speedups:
        return []
    slowest = min(speedups, key=speedups.__getitem__)
    together = geometric_mean(speedups.values())
    return [
        Goal(f"{mode}: at least the best peer's speed on every shape", speedups[slowest], EACH),
        Goal(f"{mode}: geometric mean over the best peer", together, TOGETHER),
    ]


def of_limit(shares: Sequence[float]) -> list[Goal]:
    """The better one of all numbers of threads."""
    text = f"{WIDE}: share of the speed of its matrix products alone"
    return [Goal(text, max(shares), WIDE_SHARE)] if shares else []
