"""Whether the service is there, and whether it can work."""

from fastapi import APIRouter, Response
from sqlalchemy.exc import SQLAlchemyError

from service.dependencies import Parts
from service.errors import Unavailable, problem_responses
from service.openapi import service_version
from service.repositories import clock
from service.routers.resource import operation_id
from service.schemas.base import respond
from service.schemas.health import Health, Readiness

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
def check_readiness(services: Parts) -> Response:
    """Asks the database, and says no while the service is shutting down."""
    if services.feed.closed:
        raise Unavailable("The service is shutting down.")
    try:
        with services.database.read() as session:
            clock.now(session)
    except SQLAlchemyError:
        raise Unavailable("The database does not answer.") from None
    database = services.database.dialect
    return respond(Readiness(status="ok", version=service_version(), database=database))
