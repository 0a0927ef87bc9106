"""How much work to ask for at a time, so that Python takes back control often enough."""

from __future__ import annotations

__all__ = ["SLICE_SECONDS", "TimeSlice"]

SLICE_SECONDS = 0.05
"""Python takes back control after about so much work."""
FASTEST_GROWTH = 8


class TimeSlice:
    """The ``steps`` that fit into a slice of time, as far as is known: one at first."""

    def __init__(self) -> None:
        self.steps = 1

    def took(self, steps: int, seconds: float) -> None:
        """So many steps have just taken so long."""
        affordable = int(steps * SLICE_SECONDS / max(seconds, 1e-9))
        self.steps = max(1, min(affordable, FASTEST_GROWTH * self.steps))

    def is_over(self, seconds: float) -> bool:
        """Whether so much work fills a slice."""
        return seconds >= SLICE_SECONDS
