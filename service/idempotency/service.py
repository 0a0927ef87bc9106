"""Requests with an ``Idempotency-Key``: carried out once, answered as often as they are sent."""

import hashlib
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from sqlalchemy.orm import Session

from service.database.sessions import Database
from service.http.bodies import is_json
from service.http.dependencies import DatabaseDep
from service.http.errors import Conflict, FieldError, Invalid
from service.http.security import CALLER
from service.idempotency import repository as idempotency

__all__ = ["Change", "IdempotentRequest", "OncePerKey"]

Change = Callable[[Session], Response]
"""Makes a change in a transaction, and the answer that tells of it."""


class IdempotentRequest:
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


async def _idempotent_request(
    request: Request,
    database: DatabaseDep,
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
) -> IdempotentRequest:
    caller = request.scope.get(CALLER, "")
    scope = f"{caller} {request.method} {request.url.path}"
    has_digest = idempotency_key is not None and is_json(request.headers.get("content-type", ""))
    sha256 = hashlib.sha256(await request.body()).hexdigest() if has_digest else ""
    return IdempotentRequest(database, scope, idempotency_key, sha256)


OncePerKey = Annotated[IdempotentRequest, Depends(_idempotent_request)]
