"""What happens to a job: as a stream while it happens, or in pages."""

from typing import Annotated

from fastapi import Depends, Header, Query, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from service import views
from service.dependencies import After, JobId, Parts, Services
from service.errors import NotFound, problem_responses
from service.repositories import events, jobs
from service.routers.resource import Resource
from service.schemas.base import respond
from service.schemas.events import EventPage
from service.stream_tokens import EVENT_STREAM
from service.vocabulary import TERMINAL

router = Resource("/v1/jobs/{job_id}", "Jobs")

_STREAM = {
    "schema": {"type": "string"},
    "example": 'id: 3\nevent: epoch\ndata: {"type": "epoch", "seq": 3, "epoch": {"epoch": 1}}\n\n',
}


async def _token(
    token: Annotated[
        str | None,
        Query(description="A stream token, where a stream is asked for without a key."),
    ] = None,
) -> None:
    """Whoever gets here was let in, by a token or without; see ``service.security``."""


@router.get(
    "/events",
    dependencies=[Depends(_token)],
    summary="Follow a job, event by event",
    response_model=EventPage,
    responses=problem_responses(NotFound)
    | {200: {"content": {EVENT_STREAM: _STREAM}, "description": "The events."}},
)
async def list_events(
    job_id: JobId,
    services: Parts,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="Of a page; streams go on.")] = 200,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
    last_event_id: Annotated[
        int | None,
        Header(
            alias="Last-Event-ID",
            ge=0,
            le=2**31 - 1,
            description="As `after`; browsers send it.",
        ),
    ] = None,
) -> Response:
    """Epochs, checkpoints and changes of status, in the order of their `seq`, without a gap.

    With `Accept: text/event-stream` they come as Server-Sent Events, named `epoch`, `checkpoint`
    and `transition`, whose ids are their `seq`; a comment breaks every long silence. `end` is the
    last one: close the stream then, or the browser opens it anew. Without it: one page as JSON.
    """
    after = after if last_event_id is None else last_event_id
    if EVENT_STREAM not in accept:
        return await run_in_threadpool(_page, services, job_id, after, limit)
    await services.job_answers.mark(job_id)  # there is such a job
    return StreamingResponse(
        services.streams.follow(job_id, after),
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        media_type=EVENT_STREAM,
    )


def _page(services: Services, job_id: str, after: int, limit: int) -> Response:
    with services.database.read() as session:
        # Before the events: an ended job has all of its own.
        ended = jobs.get(session, job_id).job.status in TERMINAL
        rows = events.page(session, job_id, after=after, limit=limit)
        data = [views.event(row) for row in rows]
    last = data[-1].seq if data else after
    complete = ended and len(data) < limit
    return respond(EventPage(data=data, next_cursor=None if complete else last))
