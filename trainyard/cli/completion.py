"""What the shell completes: ids and kinds that the service knows, if it is there.

The service is asked once and not for long. Where it does not answer, nothing is completed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import typer

if TYPE_CHECKING:
    from trainyard.client import Client
    from trainyard.results import Job

Items: TypeAlias = list[tuple[str, str]]
"""Words to choose from, each with what it stands for."""

SECONDS = 1.0
MOST = 50
STATUSES = ("queued", "running", "paused", "succeeded", "failed", "cancelled")


def statuses() -> list[str]:
    """Those that a job can have."""
    return list(STATUSES)


def jobs(ctx: typer.Context) -> Items:
    """The newest jobs."""
    return _asked(ctx, _jobs)


def models(ctx: typer.Context) -> Items:
    """The newest models, and the jobs that made them."""
    return _asked(ctx, lambda client: [*_models(client), *_jobs(client)])


def datasets(ctx: typer.Context) -> Items:
    """The newest datasets."""
    return _asked(
        ctx,
        lambda client: [(each.id, each.name or "") for each in client.datasets.list(limit=MOST)],
    )


def families(ctx: typer.Context) -> Items:
    """The families of the catalogue."""
    return _asked(ctx, lambda client: [(name, "") for name in client.catalog().families])


def members(ctx: typer.Context) -> Items:
    """The members of the family that the command line names."""
    return _kinds(ctx, ctx.params.get("family") or "")


def dataset_kinds(ctx: typer.Context) -> Items:
    """Built-in data."""
    return _kinds(ctx, "dataset")


def optimizers(ctx: typer.Context) -> Items:
    """Every optimizer."""
    return _kinds(ctx, "optimizer")


def schedules(ctx: typer.Context) -> Items:
    """Every schedule of the learning rate."""
    return _kinds(ctx, "schedule")


def surfaces(ctx: typer.Context) -> Items:
    """Every surface that can be descended."""
    return _kinds(ctx, "surface")


def _kinds(ctx: typer.Context, family: str) -> Items:
    def kinds(client: Client) -> Items:
        known = client.catalog().families.get(family, [])
        return [(entry["kind"], entry["summary"]) for entry in known]

    return _asked(ctx, kinds)


def _jobs(client: Client) -> Items:
    return [("last", "the newest job"), *((job.id, _told(job)) for job in _newest(client))]


def _newest(client: Client) -> list[Job]:
    return client.jobs.list(limit=MOST).data


def _told(job: Job) -> str:
    return f"{job.status} {job.name or ''}".rstrip()


def _models(client: Client) -> Items:
    return [(each.id, each.name or "") for each in client.models.list(limit=MOST)]


def _asked(ctx: typer.Context, question: Callable[[Client], Items]) -> Items:
    from trainyard.client import Client
    from trainyard.errors import TrainyardError
    from trainyard.protocol.retry import RetryPolicy

    try:
        once = RetryPolicy(attempts=1)
        with Client(ctx.params.get("url"), timeout=SECONDS, retries=once) as client:
            return question(client)
    except (TrainyardError, ValueError):
        return []
