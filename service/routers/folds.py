"""The folds of a job's cross-validation."""

from typing import Annotated

from fastapi import Query, Response

from engine import Task
from service import views
from service.dependencies import JobId, Parts
from service.errors import NotFound, problem_responses
from service.repositories import folds, jobs
from service.routers.resource import Resource
from service.schemas.base import respond
from service.schemas.folds import Folds, OutOfFold
from service.serving.folds import out_of_fold, spreads

router = Resource("/v1/jobs/{job_id}", "Jobs")


@router.get(
    "/folds",
    summary="Read how a cross-validation did",
    response_model=Folds,
    responses=problem_responses(NotFound),
)
def list_folds(job_id: JobId, services: Parts) -> Response:
    """Every fold that has ended at its best epoch, and the mean and deviation over them."""
    with services.database.read() as session:
        job = jobs.get(session, job_id).job
        ended = folds.of_job(session, job_id)
    return respond(
        Folds(
            folds=job.folds,
            data=[views.fold(row) for row in ended],
            train=spreads([row.train for row in ended]),
            validation=spreads([row.validation for row in ended]),
        )
    )


@router.get(
    "/out_of_fold",
    summary="Read the predictions for rows held out",
    response_model=OutOfFold,
    responses=problem_responses(NotFound),
)
def list_out_of_fold(
    job_id: JobId,
    services: Parts,
    offset: Annotated[int, Query(ge=0, le=2**53 - 1, description="How many to leave out.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most.")] = 1000,
) -> Response:
    """What the best network of each ended fold says of the rows that it was not trained on."""
    with services.database.read() as session:
        task = Task.from_json(jobs.get(session, job_id).job.task)
        ended = folds.of_job(session, job_id)
        rows = out_of_fold(session, ended, task, offset=offset, limit=limit)
    return respond(
        OutOfFold(
            target=task.target,
            targets=list(task.targets),
            classes=list(task.classes) or None,
            data=rows,
            offset=offset,
            total=sum(fold.validation_rows for fold in ended),
        )
    )
