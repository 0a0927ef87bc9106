"""The application: what exists, and how it hangs together, is decided here and nowhere else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from service import errors, openapi
from service.bodies import BodyLimit
from service.database import Database
from service.datasets.storage import Storage
from service.dependencies import Services
from service.head import HeadAsGet
from service.jobs.feed import Feed
from service.routers import (
    catalog,
    checkpoints,
    dashboard,
    datasets,
    descents,
    documentation,
    epochs,
    evaluations,
    events,
    folds,
    gradient_checks,
    health,
    importances,
    jobs,
    landscapes,
    models,
    predictions,
    range_tests,
    stream_tokens,
    traces,
)
from service.security import ApiKeys, LoopbackOnly
from service.serving.jobs import JobAnswers
from service.serving.models import Models
from service.serving.predicting import Predictor
from service.settings import Settings
from service.shutdown import Shutdown
from service.stream_tokens import StreamTokens
from service.streams import Streams
from service.telemetry import RequestLog
from service.warming import WarmUp, steps

__all__ = ["create_app"]

ROUTERS: tuple[APIRouter, ...] = (
    datasets.router,
    jobs.router,
    epochs.router,
    folds.router,
    range_tests.router,
    events.router,
    stream_tokens.router,
    checkpoints.router,
    models.router,
    predictions.router,
    evaluations.router,
    traces.router,
    gradient_checks.router,
    landscapes.router,
    importances.router,
    descents.router,
    catalog.router,
    health.router,
    documentation.router,
    dashboard.router,
)
"""In the order of the documentation."""
REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "Prefer",
    "X-Request-ID",
)
"""What pages of other origins may send, where the settings let them in."""
RESPONSE_HEADERS = (
    "Allow",
    "Content-Disposition",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-ID",
)
"""What they may read of the answers."""
BUSY = (predictions.router, jobs.router)
"""Tried first, in this order: a request is compared with one route after the other."""


def create_app(settings: Settings, wake: Callable[[], None] = lambda: None) -> FastAPI:
    """The service over HTTP. Nothing is opened before it starts.

    ``wake`` is called when a job was made: by ``serve`` it is the supervisor's, so that a worker
    in the same process takes the job up at once.
    """
    database = Database(settings.resolved_database_url, settings.database_pool_size)
    feed, kept = Feed(database), Models(database)
    tokens = StreamTokens(_keys(settings))
    services = Services(
        settings=settings,
        database=database,
        storage=Storage(settings.resolved_storage_url),
        feed=feed,
        streams=Streams(database, feed),
        stream_tokens=tokens,
        job_answers=JobAnswers(database),
        models=kept,
        predictor=Predictor(database, kept, settings.max_prediction_rows),
        wake=wake,
    )
    app = FastAPI(
        **openapi.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=_middleware(settings, tokens),
    )
    app.state.services = services
    errors.install(app)
    # The routes themselves: to go through included routers takes longer than many an answer.
    for router in (*BUSY, *(other for other in ROUTERS if other not in BUSY)):
        app.router.routes.extend(router.routes)
    openapi.install(app, [route for router in ROUTERS for route in router.routes])
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    shutdown = Shutdown(services.feed.close)
    shutdown.listen()
    warm_up = WarmUp(steps(services))
    warm_up.start()
    try:
        yield
    finally:
        shutdown.unlisten()
        services.feed.close()
        warm_up.stop()
        services.job_answers.close()
        services.predictor.close()
        services.database.close()


def _keys(settings: Settings) -> list[str]:
    return [key.get_secret_value() for key in settings.api_keys]


def _middleware(settings: Settings, tokens: StreamTokens) -> list[Middleware]:
    """From the outside in."""
    keys = _keys(settings)
    origins = settings.cors_origins
    guard = (
        Middleware(ApiKeys, keys=keys, stream_tokens=tokens)
        if keys
        else Middleware(LoopbackOnly, origins=origins, names=settings.allowed_hosts)
    )
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=REQUEST_HEADERS,
        expose_headers=RESPONSE_HEADERS,
    )
    return [
        Middleware(RequestLog),
        *([cors] if origins else []),
        Middleware(errors.LastResort),
        guard,
        Middleware(BodyLimit, limit=settings.max_body_bytes),
        Middleware(HeadAsGet),
    ]
