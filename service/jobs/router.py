"""Jobs: made, looked at, steered, deleted."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Body, Header, Query, Request, Response
from sqlalchemy.orm import Session

from service.database.sessions import Database
from service.datasets.dependencies import StorageDep
from service.http.dependencies import Cursor, DatabaseDep, JobId, Limit, SettingsDep
from service.http.errors import Conflict, NotFound, problem_responses
from service.http.resource import Resource
from service.http.schemas import respond, respond_json, response_headers
from service.idempotency.service import Change, OncePerKey
from service.jobs import actions
from service.jobs import repository as jobs
from service.jobs.cached_responses import JobResponses
from service.jobs.conditional import names_version, version_headers, wait_seconds
from service.jobs.dependencies import WakeDep
from service.jobs.repository import JobDetail
from service.jobs.schemas import Job, JobAdvance, JobChange, JobCreate, JobPage, Plan
from service.jobs.serializers import serialize_job
from service.jobs.service import ValidatedJob, validate_job
from service.models.dependencies import ModelCacheDep
from service.vocabulary import JobStatus

router = Resource("/v1/jobs", "Jobs")

_MINIMAL = {"dataset": "digits"}
_FULL = {
    "name": "two moons",
    "dataset": {"kind": "two_moons", "samples": 1000, "noise": 0.2},
    "network": {
        "layers": [
            {"kind": "dense", "units": 32, "activation": "tanh"},
            {"kind": "dropout", "rate": 0.1},
        ]
    },
    "optimizer": {"kind": "adam", "learning_rate": 0.01},
    "schedule": "cosine",
    "regularizers": [{"kind": "l2", "strength": 0.0001}],
    "training": {"epochs": 200, "batch_size": 32, "seed": 7},
    "validation": {"kind": "holdout", "fraction": 0.2},
    "stopping": [{"kind": "early_stopping", "patience": 20}],
    "checkpoints": {"every": 10, "keep": 3},
}


@router.post(
    "",
    status_code=202,
    summary="Train a network",
    response_model=Job,
    responses=problem_responses(Conflict)
    | {
        200: {"model": Plan, "description": "With `validate_only`: what the job would do."},
        202: response_headers("Location", "Retry-After"),
    },
)
def create_job(
    body: Annotated[
        JobCreate,
        Body(openapi_examples={"minimal": {"value": _MINIMAL}, "full": {"value": _FULL}}),
    ],
    database: DatabaseDep,
    cache: ModelCacheDep,
    settings: SettingsDep,
    storage: StorageDep,
    wake: WakeDep,
    once: OncePerKey,
    validate_only: Annotated[
        bool, Query(description="Do not train: check everything, and answer with the plan.")
    ] = False,
) -> Response:
    """The network's output layer and its loss follow from what there is to learn.

    Everything is checked before the job is queued: that the recipe fits the data, and the network
    the memory. The seed is drawn and reported if it is not given.
    """

    def validate() -> ValidatedJob:
        return validate_job(body, database, storage, cache, settings)

    if validate_only:
        return respond(validate().plan())

    def prepare() -> Change:
        submit = validate().keep(storage)

        def change(session: Session) -> Response:
            job_id = submit(session)
            where = {"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"}
            return respond(serialize_job(jobs.get(session, job_id)), 202, where)

        return change

    response = once.answer(prepare)
    wake()
    return response


@router.get("", summary="List jobs", response_model=JobPage)
def list_jobs(
    database: DatabaseDep,
    status: Annotated[
        list[JobStatus] | None, Query(description="Only jobs with one of these statuses.")
    ] = None,
    tag: Annotated[
        str | None,
        Query(min_length=1, max_length=50, pattern=r"^[^\x00]*$", description="Only jobs with it."),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response:
    """Newest first."""
    with database.read() as session:
        page = jobs.page(session, limit=limit, cursor=cursor, statuses=status or (), tag=tag)
        data = [serialize_job(detail) for detail in page.items]
    return respond(JobPage(data=data, next_cursor=page.next_cursor))


@router.get(
    "/{job_id}",
    summary="Get a job",
    response_model=Job,
    responses=problem_responses(NotFound)
    | {
        200: response_headers("ETag"),
        304: {"description": "Nothing has changed since the state that `If-None-Match` names."},
    },
)
async def get_job(
    job_id: JobId,
    request: Request,
    if_none_match: Annotated[
        str | None,
        Header(alias="If-None-Match", description="The `ETag` of the state that is known already."),
    ] = None,
    prefer: Annotated[
        str | None,
        Header(
            alias="Prefer",
            description="`wait=20`: if nothing has changed since `If-None-Match` (or, without it, "
            "since now), hold the answer back until something does, for at most 20 seconds.",
            examples=["wait=20"],
        ),
    ] = None,
) -> Response:
    """How it is getting on: its progress, its latest and its best epoch."""
    state = request.app.state  # to find dependencies would take longer than most answers
    responses: JobResponses = state.job_responses
    version = await responses.version(job_id)
    seconds = wait_seconds(prefer, state.settings.max_wait_seconds)
    is_news = if_none_match is not None and not names_version(if_none_match, version)
    if seconds is not None and not is_news and not version.ended:
        await state.feed.wait(version, seconds)
        version = await responses.version(job_id)
    applied = {} if seconds is None else {"Preference-Applied": f"wait={seconds:g}"}
    if if_none_match is not None and names_version(if_none_match, version):
        return Response(status_code=304, headers=version_headers(version) | applied)
    version, content = await responses.content(version)
    return respond_json(content, headers=version_headers(version) | applied)


@router.patch(
    "/{job_id}",
    summary="Change a job's name, tags or metadata",
    response_model=Job,
    responses=problem_responses(NotFound),
)
def change_job(
    job_id: JobId,
    body: Annotated[
        JobChange, Body(openapi_examples={"tags": {"value": {"tags": ["baseline", "lecture 7"]}}})
    ],
    database: DatabaseDep,
) -> Response:
    """What is left out stays as it is; what determines the training never changes."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if "metadata" in given:
        given["user_metadata"] = given.pop("metadata")
    with database.write() as session:
        jobs.change(session, job_id, **given)
        session.flush()
        return _answer(jobs.get(session, job_id))


@router.post(
    "/{job_id}/pause",
    status_code=202,
    summary="Pause a job",
    response_model=Job,
    responses=problem_responses(NotFound, Conflict),
)
def pause_job(job_id: JobId, database: DatabaseDep, wake: WakeDep) -> Response:
    """Its state is kept and its slot is free. `pending_action` is `pause` until that is done."""
    return _steer(database, wake, job_id, actions.request_pause)


@router.post(
    "/{job_id}/resume",
    status_code=202,
    summary="Resume a job",
    response_model=Job,
    responses=problem_responses(NotFound, Conflict),
)
def resume_job(job_id: JobId, database: DatabaseDep, wake: WakeDep) -> Response:
    """It goes on from the state in which it was paused, as if it had not been."""
    return _steer(database, wake, job_id, actions.request_resume)


@router.post(
    "/{job_id}/advance",
    status_code=202,
    summary="Advance a paused job",
    response_model=Job,
    responses=problem_responses(NotFound, Conflict),
)
def advance_job(
    job_id: JobId,
    body: Annotated[
        JobAdvance,
        Body(
            openapi_examples={
                "an epoch": {"value": {"epochs": 1}},
                "ten mini-batches": {"value": {"steps": 10}},
            }
        ),
    ],
    wake: WakeDep,
    once: OncePerKey,
) -> Response:
    """It goes on for just so long, and pauses again with its state kept.

    In between everything of it can be looked at: with `checkpoint=last` models are taken as they
    were then, also in the middle of an epoch. Advanced to its end, in whatever pieces, a job has
    the same bits as one that was never paused.
    """

    def prepare() -> Change:
        def change(session: Session) -> Response:
            actions.request_advance(session, job_id, epochs=body.epochs, steps=body.steps)
            session.flush()
            return _answer(jobs.get(session, job_id), status=202)

        return change

    response = once.answer(prepare)
    wake()
    return response


@router.post(
    "/{job_id}/cancel",
    status_code=202,
    summary="Cancel a job",
    response_model=Job,
    responses=problem_responses(NotFound, Conflict),
)
def cancel_job(job_id: JobId, database: DatabaseDep, wake: WakeDep) -> Response:
    """It stops for good; its best model so far stays. `pending_action` is `cancel` until then."""
    return _steer(database, wake, job_id, actions.request_cancel)


@router.delete(
    "/{job_id}",
    status_code=204,
    response_class=Response,
    summary="Delete a job",
    responses=problem_responses(NotFound, Conflict),
)
def delete_job(job_id: JobId, database: DatabaseDep) -> None:
    """With its epochs, checkpoints and model. A running one is cancelled first (409)."""
    with database.write() as session:
        jobs.remove(session, job_id)


def _answer(detail: JobDetail, status: int = 200) -> Response:
    return respond(serialize_job(detail), status, version_headers(detail.version))


def _steer(
    database: Database,
    wake: Callable[[], None],
    job_id: str,
    request: Callable[[Session, str], object],
) -> Response:
    with database.write() as session:
        request(session, job_id)
        session.flush()
        detail = jobs.get(session, job_id)
    wake()
    return _answer(detail, status=202)
