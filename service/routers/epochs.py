"""The epochs of a job: in pages, or thinned out for a chart."""

from typing import Annotated

from fastapi import Query, Response

from service import views
from service.dependencies import After, JobId, Parts
from service.errors import NotFound, problem_responses
from service.repositories import epochs, jobs
from service.routers.resource import Resource
from service.schemas.base import respond
from service.schemas.epochs import EpochPage
from service.vocabulary import TERMINAL

router = Resource("/v1/jobs/{job_id}", "Jobs")


LEAST_POINTS = 8


@router.get(
    "/epochs",
    summary="Read the measurements of a job's epochs",
    response_model=EpochPage,
    responses=problem_responses(NotFound),
)
def list_epochs(
    job_id: JobId,
    services: Parts,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most.")] = 1000,
    max_points: Annotated[
        int | None,
        Query(
            ge=LEAST_POINTS,
            le=10_000,
            description="Thin out all that there is to about this many epochs, and keep the shape "
            "of the curve: of each stretch the lowest, the highest and the last, and the first and "
            "the last of all. Of several folds each has its part of the points, or 8.",
        ),
    ] = None,
    fold: Annotated[
        int | None,
        Query(
            ge=0,
            le=10**6,
            description="Only those of one fold of a cross-validation; 0 is its last training, on "
            "all rows.",
        ),
    ] = None,
    diagnosed: Annotated[
        bool, Query(description="Only epochs that have diagnostics, of a job that asked for them.")
    ] = False,
) -> Response:
    """In the order of `seq`. Poll with `after` set to `next_cursor`; or see the job's events."""
    with services.database.read() as session:
        # Before the rows: what an ended job has written is there.
        ended = jobs.get(session, job_id).job.status in TERMINAL
        if max_points is None:
            rows = epochs.page(
                session, job_id, after=after, limit=limit, fold=fold, diagnosed=diagnosed
            )
        else:
            wanted = epochs.folds(session, job_id) if fold is None else [fold]
            each = max(LEAST_POINTS, max_points // max(1, len(wanted)))
            rows = [
                row
                for one in wanted
                for row in epochs.sampled(
                    session, job_id, max_points=each, after=after, fold=one, diagnosed=diagnosed
                )
            ]
            rows.sort(key=lambda row: row.seq)
        complete = max_points is not None or len(rows) < limit
    data = [views.epoch(row) for row in rows]
    last = data[-1].seq if data else after
    return respond(EpochPage(data=data, next_cursor=None if ended and complete else last))
