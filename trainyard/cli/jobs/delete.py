"""The command that deletes jobs."""

from __future__ import annotations

from typing import Annotated

import typer

from trainyard.cli import completion
from trainyard.cli.lookup import find_job_id
from trainyard.cli.options import Json, Url, Yes
from trainyard.cli.output import confirm, connected, notes, print_json


def delete(
    jobs: Annotated[
        list[str],
        typer.Argument(
            help="Jobs that do not run: ids, the ends of them, or last.",
            metavar="JOB...",
            autocompletion=completion.jobs,
        ),
    ],
    *,
    yes: Yes = False,
    as_json: Json = False,
    url: Url = None,
) -> None:
    """Delete jobs with all that they made.

    That is their epochs, checkpoints and models; their datasets stay.
    """
    with connected(url, as_json=as_json) as client:
        ids = [find_job_id(client, word) for word in jobs]
        confirm(f"Delete {', '.join(ids)} with models and curves, for good?", yes=yes)
        for job in ids:
            client.jobs.delete(job)
            if not as_json:
                notes().print(f"{job} is deleted.")
    if as_json:
        print_json([{"id": job, "deleted": True} for job in ids])
