"""How much work to ask for at a time, so that Python takes back control often enough."""

from __future__ import annotations

__all__ = ["SLICE_SECONDS", "TimeSlice"]

SLICE_SECONDS = 0.05
"""The seconds of work after which Python takes back control."""
FASTEST_GROWTH = 8


class TimeSlice:
    """How many ``steps`` fit into a slice of time, estimated from those before; one at first."""

    def __init__(self) -> None:
        self.steps = 1

    def took(self, steps: int, seconds: float) -> None:
        """Take in that so many steps have just taken so many seconds."""
        affordable = int(steps * SLICE_SECONDS / max(seconds, 1e-9))
        self.steps = max(1, min(affordable, FASTEST_GROWTH * self.steps))

    def is_over(self, seconds: float) -> bool:
        """Whether so many seconds of work fill a slice."""
        return seconds >= SLICE_SECONDS
