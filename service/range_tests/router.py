"""What a learning-rate range test has found."""

from fastapi import Response

from service.epochs import repository as epochs
from service.http.dependencies import DatabaseDep, JobId
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.lifecycle.transitions import get_job
from service.range_tests.schemas import RangeTestResult
from service.range_tests.service import range_test_result
from service.recipes import recipe_from_json

router = Resource("/v1/jobs/{job_id}", "Jobs")


@router.get(
    "/range_test",
    summary="Read a learning-rate range test",
    response_model=RangeTestResult,
    responses=problem_responses(NotFound, Conflict),
)
def get_range_test(job_id: JobId, database: DatabaseDep) -> Response:
    """The loss at every rate tried so far, and what the curve suggests."""
    with database.read() as session:
        job = get_job(session, job_id)
        test = recipe_from_json(job.spec).range_test
        if test is None:
            raise Conflict("The job is no range test: its spec has no range_test.")
        rows = epochs.page(session, job_id, limit=test.steps)
    return respond(range_test_result(test, rows, job.stop_reason))
