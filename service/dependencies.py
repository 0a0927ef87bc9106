"""What routers are given: the service's parts, ids that can exist, pages, idempotency keys."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AfterValidator, Field
from sqlalchemy.orm import Session

from service.bodies import is_json
from service.database import Database
from service.datasets.storage import Storage
from service.errors import Conflict, FieldError, Invalid, NotFound
from service.jobs.feed import Feed
from service.repositories import idempotency
from service.security import CALLER
from service.serving.jobs import JobAnswers
from service.serving.models import Models
from service.serving.predicting import Predictor
from service.serving.sources import RowReader
from service.settings import Settings
from service.stream_tokens import StreamTokens
from service.streams import Streams

__all__ = [
    "After",
    "AtEpoch",
    "Change",
    "Cursor",
    "DatasetId",
    "JobId",
    "Limit",
    "ModelId",
    "Once",
    "OncePerKey",
    "Parts",
    "Services",
    "services_of",
]


@dataclass(frozen=True)
class Services:
    """Everything that routers work with, made once in ``create_app``."""

    settings: Settings
    database: Database
    storage: Storage
    feed: Feed
    streams: Streams
    stream_tokens: StreamTokens
    job_answers: JobAnswers
    models: Models
    predictor: Predictor
    wake: Callable[[], None]
    """Called when there is a new job, so that a worker in the same process looks at once."""

    @property
    def row_reader(self) -> RowReader:
        """What reads the rows that a request names."""
        return RowReader(self.database, self.storage, self.settings.max_prediction_rows)


def services_of(request: Request) -> Services:
    """The same as ``Parts``, for operations where finding a dependency would take long."""
    services: Services = request.app.state.services
    return services


async def _services(request: Request) -> Services:
    return services_of(request)


Parts = Annotated[Services, Depends(_services)]


def _identifier(prefix: str, thing: str) -> Callable[[str], str]:
    """A check that answers 404 to what cannot be an id, before it reaches the database."""
    form = re.compile(rf"{prefix}_[0-9A-Z]{{26}}")

    def check(value: str) -> str:
        if form.fullmatch(value) is None:
            raise NotFound(f"There is no {thing} {value[:60]!r}.")
        return value

    return check


DatasetId = Annotated[
    str,
    Path(description="The id of a dataset.", examples=["ds_01JD3W8YQ4N9T5V7Z2X6C1B0MA"]),
    AfterValidator(_identifier("ds", "dataset")),
]
JobId = Annotated[
    str,
    Path(description="The id of a job.", examples=["job_01JD3W8YQ4N9T5V7Z2X6C1B0MA"]),
    AfterValidator(_identifier("job", "job")),
]
ModelId = Annotated[
    str,
    Path(description="The id of a model.", examples=["mdl_01JD3W8YQ4N9T5V7Z2X6C1B0MA"]),
    AfterValidator(_identifier("mdl", "model")),
]
Limit = Annotated[int, Query(ge=1, le=200, description="Maximum number of items to return.")]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Only what has a larger `seq`.")]
AtEpoch = Annotated[
    Annotated[int, Field(ge=0, le=10**9)] | Literal["last"] | None,
    Query(
        description="Take the model after this epoch, or as it is in the `last` checkpoint, also "
        "in the middle of an epoch; by default the best one."
    ),
]
Cursor = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z]{2,3}_[0-9A-Z]{26}$",
        description="`next_cursor` of the page before; without it: the first page.",
    ),
]


Change = Callable[[Session], Response]
"""Makes a change in a transaction, and the answer that tells of it."""


class Once:
    """Carries a request out once, however often it is sent with the same ``Idempotency-Key``."""

    def __init__(self, database: Database, scope: str, key: str | None, sha256: str) -> None:
        self._database = database
        self._scope = scope
        self._key = key
        self._sha256 = sha256

    def answer(self, prepare: Callable[[], Change], sha256: str | None = None) -> Response:
        """The answer to this request, or the one stored for its key.

        ``prepare`` does the work that needs no database; what it gives back makes the change, in
        one transaction in which its answer is stored too. ``sha256`` is what tells requests
        apart, by default the digest of the body. Raises Invalid if the key came with another
        request before, Conflict while that one is still running.
        """
        if self._key is None:
            change = prepare()
            with self._database.write() as session:
                return change(session)
        digest = sha256 or self._sha256
        with self._database.write() as session:
            begun = idempotency.begin(session, scope=self._scope, key=self._key, body_sha256=digest)
        if begun.outcome is idempotency.Outcome.NEW:
            return self._first(self._key, prepare)
        return _repeated(begun)

    def _first(self, key: str, prepare: Callable[[], Change]) -> Response:
        try:
            change = prepare()
            with self._database.write() as session:
                response = change(session)
                idempotency.complete(session, scope=self._scope, key=key, answer=_stored(response))
        except BaseException:
            with self._database.write() as session:
                idempotency.forget(session, scope=self._scope, key=key)
            raise
        return response


def _stored(response: Response) -> idempotency.Answer:
    kept = {"content-type", "location", "retry-after", "etag"}
    headers = {name: value for name, value in response.headers.items() if name in kept}
    return idempotency.Answer(response.status_code, headers, bytes(response.body))


_KEY_REUSED = FieldError(
    pointer="/Idempotency-Key", message="Use a new key for a new request.", at="header"
)


def _repeated(begun: idempotency.Begun) -> Response:
    if begun.answer is not None:
        headers = begun.answer.headers | {"Idempotent-Replayed": "true"}
        return Response(begun.answer.body, begun.answer.status_code, headers)
    if begun.outcome is idempotency.Outcome.RUNNING:
        raise Conflict(
            "The first request with this Idempotency-Key is still running.",
            headers={"Retry-After": "1"},
        )
    raise Invalid(
        "This Idempotency-Key was already used for a different request.",
        errors=[_KEY_REUSED],
    )


async def _once(
    request: Request,
    services: Parts,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="A text of your own, such as a UUID: a request sent again with the same "
            "key and body is not carried out again, but gets the same answer.",
        ),
    ] = None,
) -> Once:
    caller = request.scope.get(CALLER, "")
    scope = f"{caller} {request.method} {request.url.path}"
    has_digest = idempotency_key is not None and is_json(request.headers.get("content-type", ""))
    sha256 = hashlib.sha256(await request.body()).hexdigest() if has_digest else ""
    return Once(services.database, scope, idempotency_key, sha256)


OncePerKey = Annotated[Once, Depends(_once)]
