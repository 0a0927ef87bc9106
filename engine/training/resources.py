"""What a run may use of the machine, and how many trainings fit into that side by side."""

from __future__ import annotations

from dataclasses import dataclass

from engine.training.planning import Plan

__all__ = ["Resources"]

MIN_WORK = 5_000_000
"""The parameters times rows of an epoch (some milliseconds) from which on threads are worth it."""


@dataclass(frozen=True)
class Resources:
    """What a machine gives to one run.

    So many trainings are done side by side as there are ``cores`` and memory for. ``threads`` share
    the mini-batches of one, or are divided among several.
    """

    cores: int = 1
    memory_bytes: int = 8 << 30
    threads: int = 1

    def trainings(self, plan: Plan) -> int:
        """How many trainings of a plan's size the machine can hold side by side."""
        if plan.parameters * plan.train_rows < MIN_WORK:
            return 1
        return max(1, min(self.cores, self.memory_bytes // plan.memory_bytes))
