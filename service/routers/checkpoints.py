"""The checkpoints of a job: what they are, and their weights."""

from typing import Annotated

from fastapi import Path, Query, Response

from service import views
from service.dependencies import JobId, Limit, Parts
from service.errors import NotFound, problem_responses
from service.exchange import as_file
from service.repositories import checkpoints, jobs
from service.routers.resource import Resource
from service.schemas.base import SAFETENSORS_RESPONSE, respond, respond_weights
from service.schemas.checkpoints import Checkpoint, CheckpointPage

router = Resource("/v1/jobs/{job_id}", "Jobs")

Epoch = Annotated[int, Path(ge=0, le=10**9, description="After how many epochs.")]
MOST_KEPT = 2000
"""More than a job can keep: the best, the last, and the newest ones it asked for."""


@router.get(
    "/checkpoints",
    summary="List the checkpoints of a job",
    response_model=CheckpointPage,
    responses=problem_responses(NotFound),
)
def list_checkpoints(
    job_id: JobId,
    services: Parts,
    limit: Limit = 50,
    cursor: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="`next_cursor` of the page before.")
    ] = None,
) -> Response:
    """Those whose states are kept, newest first, each with the measurements of its epoch."""
    with services.database.read() as session:
        jobs.get(session, job_id)
        kept = checkpoints.page(session, job_id, limit=MOST_KEPT)
        older = [row for row in reversed(kept) if cursor is None or row.seq < cursor]
        data = [views.checkpoint(session, row) for row in older[:limit]]
    more = len(older) > limit
    return respond(CheckpointPage(data=data, next_cursor=str(data[-1].seq) if more else None))


@router.get(
    "/checkpoints/{epoch}",
    summary="Look at a checkpoint",
    response_model=Checkpoint,
    responses=problem_responses(NotFound),
)
def get_checkpoint(job_id: JobId, epoch: Epoch, services: Parts) -> Response:
    """The kept state after an epoch."""
    with services.database.read() as session:
        row = checkpoints.get(session, job_id, epoch)
        return respond(views.checkpoint(session, row))


@router.get(
    "/checkpoints/{epoch}/weights",
    summary="Download the weights of a checkpoint",
    response_class=Response,
    responses=SAFETENSORS_RESPONSE | problem_responses(NotFound),
)
def download_checkpoint_weights(job_id: JobId, epoch: Epoch, services: Parts) -> Response:
    """As those of a model, after this epoch."""
    ready = services.models.of_job(job_id, epoch)
    return respond_weights(as_file(ready), f"{job_id}-{epoch}")
