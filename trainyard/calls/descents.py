"""Calls for descents: optimizers on analytic surfaces."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from trainyard.insights import Descent
from trainyard.protocol import request as http
from trainyard.protocol.request import Call, path

Spec: TypeAlias = str | Mapping[str, Any]
"""A kind ("adam"), or a mapping with one."""


class DescentCalls:
    """What ``client.descents`` asks for."""

    @staticmethod
    def create(
        surface: Spec,
        optimizers: Iterable[Spec],
        *,
        schedule: Spec | None = None,
        start: Iterable[float] | None = None,
        steps: int | None = None,
        max_points: int | None = None,
        grid: int | Mapping[str, Any] | None = None,
    ) -> Call[Descent]:
        """Race optimizers over a surface, such as "rosenbrock" or {"kind": "bowl", ...}.

        An optimizer is its kind, a mapping of its hyper-parameters, or a whole run:
        {"optimizer": "adam", "schedule": "cosine", "name": "cooling"}. ``schedule`` is for those
        that bring none. With ``grid``, a number of points or a mapping, heights come too.
        """
        runs = [_run(optimizer, schedule) for optimizer in optimizers]
        members = {
            "start": None if start is None else list(start),
            "steps": steps,
            "max_points": max_points,
            "grid": {"resolution": grid} if isinstance(grid, int) else grid,
        }
        given = {name: value for name, value in members.items() if value is not None}
        body = {"surface": surface, "runs": runs, **given}
        return Call(http.post(path("descents"), body, idempotent=True), Descent.read)


def _run(optimizer: Spec, schedule: Spec | None) -> dict[str, Any]:
    """A run as the service takes it; one that brings its own schedule keeps it."""
    if isinstance(optimizer, Mapping) and "optimizer" in optimizer:
        run = dict(optimizer)
    else:
        run = {"optimizer": optimizer}
    if schedule is not None:
        run.setdefault("schedule", schedule)
    return run
