"""Whether the service is there, and whether it can work."""

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from service.database import clock
from service.health.schemas import Health, Readiness
from service.http.dependencies import DatabaseDep
from service.http.errors import Unavailable, problem_responses
from service.http.resource import operation_id
from service.http.schemas import respond
from service.jobs.dependencies import FeedDep
from service.openapi import service_version

router = APIRouter(tags=["Health"], generate_unique_id_function=operation_id)


@router.get("/livez", summary="Is the process there?")
async def check_liveness() -> Health:
    """Answers as long as the process does; asks nothing else."""
    return Health(status="ok")


@router.get(
    "/readyz",
    summary="Can the service work?",
    response_model=Readiness,
    responses=problem_responses(Unavailable),
)
def check_readiness(database: DatabaseDep, feed: FeedDep) -> Response:
    """Asks the database, and says no while the service is shutting down."""
    if feed.closed:
        raise Unavailable("The service is shutting down.")
    try:
        with database.read() as session:
            clock.now(session)
    except SQLAlchemyError:
        raise Unavailable("The database does not answer.") from None
    dialect = database.dialect
    return respond(Readiness(status="ok", version=service_version(), database=dialect))
