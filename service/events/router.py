"""What happens to jobs: as a stream while it happens, or of one of them in pages."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Header, Query, Response
from pydantic import Field, StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from service.database.sessions import Database
from service.events import repository as events
from service.events.dependencies import StreamsDep
from service.events.schemas import EventPage
from service.events.serializers import serialize_event
from service.http.dependencies import After, DatabaseDep, JobId
from service.http.errors import Invalid, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond
from service.http.stream_tokens import EVENT_STREAM
from service.jobs.dependencies import JobResponsesDep
from service.lifecycle.transitions import get_job
from service.vocabulary import TERMINAL

router = Resource("/v1", "Jobs")

MAX_JOBS = 200
"""That one stream tells of: their ids fit into a request line of 8 kB, which proxies take."""

_STREAM = {
    "schema": {"type": "string"},
    "example": 'id: 3\nevent: epoch\ndata: {"type": "epoch", "seq": 3, "epoch": {"epoch": 1}}\n\n',
}

_STREAM_OF_JOBS = {
    "schema": {"type": "string"},
    "example": 'id: 3,8\nevent: epoch\ndata: {"job_id": "job_01JD3W8YQ4N9T5V7Z2X6C1B0MA", "event": '
    '{"type": "epoch", "seq": 3, "epoch": {"epoch": 1}}}\n\n',
}
AnyJobId = Annotated[str, StringConstraints(pattern=r"^job_[0-9A-Z]{26}$")]
Numbers = Annotated[
    str,
    StringConstraints(pattern=r"^\d{1,9}(,\d{1,9})*$", max_length=10 * MAX_JOBS),
    Field(
        description="Only what has a larger `seq`: a number for each job, in their order.",
        examples=["3,8"],
    ),
]


async def _token(
    token: Annotated[
        str | None,
        Query(description="A stream token, where a stream is asked for without a key."),
    ] = None,
) -> None:
    """Whoever gets here was let in, by a token or without; see ``service.http.security``."""


@router.get(
    "/jobs/{job_id}/events",
    dependencies=[Depends(_token)],
    summary="Follow a job, event by event",
    response_model=EventPage,
    responses=problem_responses(NotFound)
    | {200: {"content": {EVENT_STREAM: _STREAM}, "description": "The events."}},
)
async def list_events(
    job_id: JobId,
    database: DatabaseDep,
    responses: JobResponsesDep,
    streams: StreamsDep,
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
        return await run_in_threadpool(_page, database, job_id, after, limit)
    await responses.version(job_id)  # there is such a job
    return _stream(streams.follow(job_id, after))


@router.get(
    "/events",
    dependencies=[Depends(_token)],
    summary="Follow several jobs on one stream",
    response_class=StreamingResponse,
    responses=problem_responses(NotFound)
    | {200: {"content": {"text/event-stream": _STREAM_OF_JOBS}, "description": "The events."}},
)
async def follow_jobs(
    responses: JobResponsesDep,
    streams: StreamsDep,
    job_id: Annotated[
        list[AnyJobId],
        Query(min_length=1, max_length=MAX_JOBS, description="The jobs to follow, each once."),
    ],
    after: Numbers | None = None,
    last_event_id: Annotated[
        Numbers | None, Header(alias="Last-Event-ID", description="As `after`; browsers send it.")
    ] = None,
) -> Response:
    """The events of each as in its own stream, named alike, as `{"job_id": ..., "event": ...}`.

    The id of an event is the list of the newest `seq` of every job, in the order of `job_id`:
    with it a stream that broke goes on where it was, of all of them. Each job has its own `end`
    with a `job_id`; after the last of these comes an `end` whose data is `{}`, and nothing else.
    """
    known = _known(job_id, last_event_id or after)
    versions = await asyncio.gather(*map(responses.version, known))
    return _stream(streams.follow_all(known, versions))


def _stream(content: AsyncIterator[bytes]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(content, headers=headers, media_type=EVENT_STREAM)


def _known(job_ids: list[str], after: str | None) -> dict[str, int]:
    """The last event known of each job. Raises Invalid if these do not go together."""
    numbers = [0] * len(job_ids) if after is None else [int(part) for part in after.split(",")]
    known = dict(zip(job_ids, numbers, strict=False))
    if len(known) != len(job_ids):
        raise Invalid.of_parameter("job_id", "Name every job once.")
    if len(numbers) != len(job_ids):
        message = f"Give {len(job_ids)} numbers, one for each job, in their order."
        raise Invalid.of_parameter("after", message)
    return known


def _page(database: Database, job_id: str, after: int, limit: int) -> Response:
    with database.read() as session:
        # Before the events: an ended job has all of its own.
        ended = get_job(session, job_id).status in TERMINAL
        rows = events.page(session, job_id, after=after, limit=limit)
        data = [serialize_event(row) for row in rows]
    last = data[-1].seq if data else after
    complete = ended and len(data) < limit
    return respond(EventPage(data=data, next_cursor=None if complete else last))
