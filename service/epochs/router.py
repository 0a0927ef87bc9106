"""The epochs of a job: in pages, or thinned out for a chart."""

from typing import Annotated

from fastapi import Query, Response

from service.epochs import repository as epochs
from service.epochs.schemas import Epoch, EpochPage
from service.http.dependencies import After, DatabaseDep, JobId
from service.http.errors import Invalid, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.lifecycle.transitions import get_job
from service.vocabulary import TERMINAL

router = Resource("/v1/jobs/{job_id}", "Jobs")


@router.get(
    "/epochs",
    summary="Read the measurements of a job's epochs",
    response_model=EpochPage,
    responses=problem_responses(NotFound),
)
def list_epochs(
    job_id: JobId,
    database: DatabaseDep,
    after: After = 0,
    before: Annotated[
        int | None,
        Query(
            ge=1,
            le=2**31 - 1,
            description="Only what has a smaller `seq`; greater than `after`.",
            examples=[4000],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="How many at most.")] = 1000,
    max_points: Annotated[
        int | None,
        Query(
            ge=epochs.MIN_POINTS,
            le=10_000,
            description="Thin out all that was asked for to about this many epochs, and keep the "
            "shape of the curve: of each stretch the lowest, the highest and the last, and the "
            "first and the last of all. Of several folds each has its part of the points, or 8.",
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
    """In the order of `seq`. Poll with `after` set to `next_cursor`; or see the job's events.

    With `after` and `before` a part of them, such as what a chart shows closer: `max_points` then
    is for this part alone, whose first and last epoch are kept.
    """
    if before is not None and before <= after:
        raise Invalid.of_parameter("before", f"It should be greater than `after` ({after}).")
    selection = epochs.Selection(after, before, fold, diagnosed)
    with database.read() as session:
        # Before the rows: what the job has written until now is there.
        job = get_job(session, job_id)
        written = job.status in TERMINAL or (before is not None and before <= job.seq + 1)
        rows = (
            epochs.page(session, job_id, selection, limit=limit)
            if max_points is None
            else epochs.thinned(session, job_id, selection, max_points=max_points)
        )
        complete = max_points is not None or len(rows) < limit
    data = [Epoch.model_validate(row) for row in rows]
    last = data[-1].seq if data else after
    return respond(EpochPage(data=data, next_cursor=None if written and complete else last))
