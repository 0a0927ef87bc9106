"""The commands that steer a job: pause, resume, advance, cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from trainyard.cli.jobs.watch import going_on, print_job
from trainyard.cli.lookup import find_job_id, state
from trainyard.cli.options import JobName, Json, Url
from trainyard.cli.output import connected, print_json, results

if TYPE_CHECKING:
    from trainyard.results import Job


def pause(job: JobName, *, as_json: Json = False, url: Url = None) -> None:
    """Pause a job: save a checkpoint and free its slot."""
    with connected(url, as_json=as_json) as client:
        asked = client.jobs.pause(find_job_id(client, job))
    _tell(asked, as_json=as_json)


def resume(job: JobName, *, as_json: Json = False, url: Url = None) -> None:
    """Let a paused job go on to its end."""
    with connected(url, as_json=as_json) as client:
        asked = client.jobs.resume(find_job_id(client, job))
    _tell(asked, as_json=as_json)


def advance(
    job: JobName,
    *,
    epochs: Annotated[int | None, typer.Option(min=1, help="For how many epochs.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="For how many mini-batches.")] = None,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Let a paused job go on for a while, then pause again.

    By one epoch, if nothing else is said; waits until it has paused. In between,
    `trainyard trace --checkpoint last` and the like show the network as it is.
    """
    if epochs is not None and steps is not None:
        raise typer.BadParameter("give --epochs or --steps, not both", param_hint="--steps")
    if steps is None and epochs is None:
        epochs = 1
    with connected(url, as_json=as_json) as client:
        job = find_job_id(client, job)
        client.jobs.advance(job, epochs=epochs, steps=steps)
        with going_on(job):
            reached = client.jobs.wait(job, paused=True)
    _tell(reached, as_json=as_json)


def cancel(job: JobName, *, as_json: Json = False, url: Url = None) -> None:
    """Stop a job for good; its best model stays."""
    with connected(url, as_json=as_json) as client:
        print_job(client.jobs.cancel(find_job_id(client, job)), as_json=as_json)


def _tell(job: Job, *, as_json: bool) -> None:
    """The state of a job: as JSON, or in a line."""
    if as_json:
        print_json(job.model_dump(mode="json"))
        return
    loss = job.latest.train.get("loss") if job.latest else None
    told = "" if loss is None else f", loss {loss:.4g}"
    place = f"epoch {job.progress.epoch}/{job.progress.epochs} ({job.progress.fraction:.1%})"
    results().print(f"{job.id}  {state(job)}  {place}{told}", soft_wrap=True)
