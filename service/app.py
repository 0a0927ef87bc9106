"""The application: what exists, and how it hangs together, is decided here and nowhere else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from service import openapi
from service.catalog import router as catalog
from service.checkpoints import router as checkpoints
from service.dashboard import router as dashboard
from service.database.sessions import Database
from service.datasets import problems
from service.datasets import router as datasets
from service.datasets.storage import Storage
from service.descents import router as descents
from service.documentation import router as documentation
from service.epochs import router as epochs
from service.evaluations import router as evaluations
from service.events import router as events
from service.events.streams import Streams
from service.folds import router as folds
from service.gradient_checks import router as gradient_checks
from service.health import router as health
from service.http import error_handlers
from service.http.bodies import BodyLimit
from service.http.head import HeadAsGet
from service.http.security import ApiKeys, LoopbackOnly
from service.http.shutdown import Shutdown
from service.http.stream_tokens import StreamTokens
from service.http.telemetry import RequestLog
from service.importances import router as importances
from service.insight.row_reader import RowReader
from service.jobs import router as jobs
from service.jobs.cached_responses import JobResponses
from service.jobs.feed import Feed
from service.landscapes import router as landscapes
from service.models import checkpoint_router
from service.models import router as models
from service.models.cache import ModelCache
from service.predictions import router as predictions
from service.predictions.service import Predictor
from service.range_tests import router as range_tests
from service.settings import Settings
from service.stream_tokens import router as stream_tokens
from service.traces import router as traces
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
    checkpoint_router.router,
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
    storage = Storage(settings.resolved_storage_url)
    feed, cache = Feed(database), ModelCache(database)
    tokens = StreamTokens(_keys(settings))
    app = FastAPI(
        **openapi.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        middleware=_middleware(settings, tokens),
    )
    app.state.settings = settings
    app.state.database = database
    app.state.storage = storage
    app.state.feed = feed
    app.state.streams = Streams(database, feed)
    app.state.stream_tokens = tokens
    app.state.job_responses = JobResponses(database)
    app.state.model_cache = cache
    app.state.predictor = Predictor(database, cache, settings.max_prediction_rows)
    app.state.row_reader = RowReader(database, storage, settings.max_prediction_rows)
    app.state.wake = wake
    error_handlers.install(app, problems.CONVERTERS)
    # The routes themselves: to go through included routers takes longer than many an answer.
    for router in (*BUSY, *(other for other in ROUTERS if other not in BUSY)):
        app.router.routes.extend(router.routes)
    openapi.install(app, [route for router in ROUTERS for route in router.routes])
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    state = app.state
    shutdown = Shutdown(state.feed.close)
    shutdown.listen()
    warm_up = WarmUp(steps(state.database, state.storage, state.model_cache, state.settings))
    warm_up.start()
    try:
        yield
    finally:
        shutdown.unlisten()
        state.feed.close()
        warm_up.stop()
        state.job_responses.close()
        state.predictor.close()
        state.database.close()


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
        Middleware(error_handlers.LastResort),
        guard,
        Middleware(BodyLimit, limit=settings.max_body_bytes),
        Middleware(HeadAsGet),
    ]
