"""What can go wrong for a caller of Trainyard, as one short tree.

::

    TrainyardError
    ├── ConnectionFailed        no answer: refused, unknown host, broken off
    │   └── TimedOut            no answer in time
    ├── UnexpectedReply         an answer that is not what Trainyard's contract says
    ├── JobFailed               the job that was waited for has failed; .job says why
    ├── WaitTimedOut            the job that was waited for has not ended in time; it goes on
    ├── NoModel                 the job has no model, or none yet
    ├── NotConnected            a job, model or dataset that no client gave has been told to act
    └── APIError                the service refused: .status .title .detail .errors .request_id
        ├── BadRequest          400
        ├── Unauthorized        401
        ├── Forbidden           403
        ├── NotFound            404
        ├── Conflict            409, 412
        ├── TooLarge            413
        ├── UnsupportedMedia    415
        ├── Invalid             422
        ├── TooManyRequests     429
        └── ServerError         500 and above
            └── Unavailable     502, 503, 504

An :class:`APIError` carries the problem document of the service (RFC 9457) as it came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = [
    "APIError",
    "BadRequest",
    "Conflict",
    "ConnectionFailed",
    "FieldError",
    "Forbidden",
    "Invalid",
    "JobFailed",
    "NoModel",
    "NotConnected",
    "NotFound",
    "ServerError",
    "TimedOut",
    "TooLarge",
    "TooManyRequests",
    "TrainyardError",
    "Unauthorized",
    "Unavailable",
    "UnexpectedReply",
    "UnsupportedMedia",
    "WaitTimedOut",
    "error_class",
]


class JobProblem(Protocol):
    """Why a job has failed: the kind of problem, and a sentence."""

    @property
    def type(self) -> str: ...
    @property
    def detail(self) -> str: ...


class JobState(Protocol):
    """What errors say of a job, which is a :class:`trainyard.JobRecord`."""

    @property
    def id(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def ended(self) -> bool: ...
    @property
    def model_id(self) -> str | None: ...
    @property
    def error(self) -> JobProblem | None: ...


class TrainyardError(Exception):
    """Base of everything this package raises on purpose."""


class ConnectionFailed(TrainyardError):
    """The service could not be reached, or broke off before it had answered."""


class TimedOut(ConnectionFailed):
    """The service did not answer in time."""


class UnexpectedReply(TrainyardError):
    """The answer does not follow the contract: perhaps the address is not a Trainyard."""


class JobFailed(TrainyardError):
    """The job ended as failed; ``job.error`` says why and ``job.model_id`` may still be usable."""

    def __init__(self, job: JobState) -> None:
        reason = f"{job.error.type}: {job.error.detail}" if job.error else "no reason given"
        super().__init__(f"{job.id} failed: {reason}")
        self.job = job


class WaitTimedOut(TrainyardError):
    """The job had not ended when the caller's patience did; unless it is paused, it goes on."""

    def __init__(self, job: JobState, timeout: float) -> None:
        then = "resume it" if job.status == "paused" else "it goes on"
        super().__init__(f"{job.id} is still {job.status} after {timeout:g} s; {then}")
        self.job = job


class NoModel(TrainyardError):
    """The job has not reached its first checkpoint: there is no model yet, or never will be."""

    def __init__(self, job: JobState) -> None:
        hint = "it has ended without one" if job.ended else "wait for its first checkpoint"
        super().__init__(f"{job.id} is {job.status} and has no model: {hint}")
        self.job = job


class NotConnected(TrainyardError):
    """Something that was made, copied or unpickled by itself has no client to act through."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"this {kind} has no client: get it from one, by its id, to act on it")


@dataclass(frozen=True)
class FieldError:
    """One thing to change in what was sent: where (a JSON pointer, "" for the whole) and why.

    ``at`` says in which part of the request ("body", "query", ...); ``row`` (from 0) and ``column``
    name a place in a table that was sent.
    """

    pointer: str
    message: str
    at: str = "body"
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class APIError(TrainyardError):
    """The service answered with a problem document (RFC 9457).

    ``type`` names the kind of problem, ``errors`` the places in the request that are wrong,
    ``request_id`` finds the request in the logs of the service, ``retry_after`` (seconds) says when
    to come again, and ``problem`` is the whole document.
    """

    def __init__(
        self,
        status: int,
        problem: Mapping[str, Any],
        errors: Sequence[FieldError] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.problem = problem
        self.type = str(problem.get("type") or "about:blank")
        self.title = str(problem.get("title") or f"HTTP {status}")
        self.detail = str(problem.get("detail") or "")
        self.errors = tuple(errors)
        self.request_id = request_id
        self.retry_after = retry_after
        super().__init__(self._message())

    @property
    def pointers(self) -> tuple[str, ...]:
        """JSON pointers of everything that is wrong in the request."""
        return tuple(error.pointer for error in self.errors)

    def _message(self) -> str:
        headline = f"{self.status} {self.title}"
        repeated = any(error.message in self.detail for error in self.errors)
        if self.detail and self.detail != self.title and not repeated:
            headline += f": {self.detail}"
        lines = [headline, *(f"  {error}" for error in self.errors)]
        if self.request_id:
            lines.append(f"  (request {self.request_id})")
        return "\n".join(lines)


class BadRequest(APIError):
    """400: the request cannot be read, for instance because its body is not JSON."""


class Unauthorized(APIError):
    """401: no API key, or a wrong one. Set ``TRAINYARD_API_KEY`` or pass ``api_key``."""


class Forbidden(APIError):
    """403: the service does not take requests from here."""


class NotFound(APIError):
    """404: there is no such dataset, job, model, checkpoint or path."""


class Conflict(APIError):
    """409 or 412: not possible in the state that the thing is in."""


class TooLarge(APIError):
    """413: the body is larger than the service takes."""


class UnsupportedMedia(APIError):
    """415: the service does not know this kind of body."""


class Invalid(APIError):
    """422: understood, but something in it must be changed; ``errors`` says what."""


class TooManyRequests(APIError):
    """429: slower, please; ``retry_after`` says how much."""


class ServerError(APIError):
    """500 and above: the fault is the service's."""


class Unavailable(ServerError):
    """502, 503, 504: the service cannot answer at the moment."""


_CLASSES: dict[int, type[APIError]] = {
    400: BadRequest,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    412: Conflict,
    413: TooLarge,
    415: UnsupportedMedia,
    422: Invalid,
    429: TooManyRequests,
    502: Unavailable,
    503: Unavailable,
    504: Unavailable,
}


def error_class(status: int) -> type[APIError]:
    """The class that an HTTP status is raised as."""
    return _CLASSES.get(status, ServerError if status >= 500 else APIError)
