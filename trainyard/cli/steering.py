"""The commands that steer a job that is not to end: pause, resume, advance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from trainyard.cli.options import Json, Url
from trainyard.cli.output import failures_told, print_json, results

if TYPE_CHECKING:
    from trainyard.results import Job

JobId: TypeAlias = Annotated[str, typer.Argument(help="The id of a job.", metavar="JOB")]


def pause(job: JobId, *, as_json: Json = False, url: Url = None) -> None:
    """Ask a job to keep its state and free its place."""
    from trainyard.client import Client

    with failures_told(as_json=as_json), Client(url) as client:
        asked = client.jobs.pause(job)
    _tell(asked, as_json=as_json)


def resume(job: JobId, *, as_json: Json = False, url: Url = None) -> None:
    """Let a paused job go on to its end."""
    from trainyard.client import Client

    with failures_told(as_json=as_json), Client(url) as client:
        asked = client.jobs.resume(job)
    _tell(asked, as_json=as_json)


def advance(
    job: JobId,
    *,
    epochs: Annotated[int | None, typer.Option(min=1, help="For how many epochs.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="For how many mini-batches.")] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Let a paused job go on for a while, and wait until it has paused again.

    By one epoch, if nothing else is said. In between, `trainyard trace --checkpoint last` and the
    like show the network as it is.
    """
    from trainyard.client import Client

    if epochs is not None and steps is not None:
        raise typer.BadParameter("give --epochs or --steps, not both", param_hint="--steps")
    if steps is None and epochs is None:
        epochs = 1
    with failures_told(as_json=as_json), Client(url) as client:
        client.jobs.advance(job, epochs=epochs, steps=steps)
        reached = client.jobs.wait(job, paused=True)
    _tell(reached, as_json=as_json)


def _tell(job: Job, *, as_json: bool) -> None:
    """The state of a job: as JSON, or in a line."""
    if as_json:
        print_json(job.model_dump(mode="json"))
        return
    asked = f", {job.pending_action} pending" if job.pending_action else ""
    loss = job.latest.train.get("loss") if job.latest else None
    told = "" if loss is None else f", loss {loss:.4g}"
    place = f"epoch {job.progress.epoch}/{job.progress.epochs} ({job.progress.fraction:.1%})"
    results().print(f"{job.id}  {job.status}{asked}  {place}{told}", soft_wrap=True)
