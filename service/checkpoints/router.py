"""The checkpoints of a job: what they are, and their weights."""

from typing import Annotated

from fastapi import Query, Response

from service.checkpoints import repository as checkpoints
from service.checkpoints.schemas import Checkpoint, CheckpointPage
from service.checkpoints.serializers import serialize_checkpoint
from service.http.dependencies import DatabaseDep, EpochNumber, JobId, Limit
from service.http.errors import NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.lifecycle.transitions import get_job

router = Resource("/v1/jobs/{job_id}", "Jobs")

MAX_KEPT = 2000
"""More than a job can keep: the best, the last, and the newest ones it asked for."""


@router.get(
    "/checkpoints",
    summary="List the checkpoints of a job",
    response_model=CheckpointPage,
    responses=problem_responses(NotFound),
)
def list_checkpoints(
    job_id: JobId,
    database: DatabaseDep,
    limit: Limit = 50,
    cursor: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="`next_cursor` of the page before.")
    ] = None,
) -> Response:
    """Those whose states are kept, newest first, each with the measurements of its epoch."""
    with database.read() as session:
        get_job(session, job_id)
        kept = checkpoints.page(session, job_id, limit=MAX_KEPT)
        older = [row for row in reversed(kept) if cursor is None or row.seq < cursor]
        data = [serialize_checkpoint(session, row) for row in older[:limit]]
    more = len(older) > limit
    return respond(CheckpointPage(data=data, next_cursor=str(data[-1].seq) if more else None))


@router.get(
    "/checkpoints/{epoch}",
    summary="Look at a checkpoint",
    response_model=Checkpoint,
    responses=problem_responses(NotFound),
)
def get_checkpoint(job_id: JobId, epoch: EpochNumber, database: DatabaseDep) -> Response:
    """The kept state after an epoch."""
    with database.read() as session:
        row = checkpoints.get(session, job_id, epoch)
        return respond(serialize_checkpoint(session, row))
