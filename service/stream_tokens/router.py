"""Leave to open event streams without a key in the request."""

from datetime import UTC, datetime

from fastapi import Request, Response

from service.http.dependencies import StreamTokensDep
from service.http.resource import Resource
from service.http.schemas import respond
from service.http.security import offered_key
from service.stream_tokens.schemas import StreamToken

router = Resource("/v1/stream_tokens", "Jobs")


@router.post("", summary="Ask for a stream token", response_model=StreamToken)
def create_stream_token(request: Request, stream_tokens: StreamTokensDep) -> Response:
    """For a browser's `EventSource`, which cannot send a key: a token to put into the address.

    For a minute it opens event streams, as `/v1/jobs/{job_id}/events?token=...`, and it opens
    nothing else. Nothing is kept. Ask for a new one before each connection. Where the service
    wants no keys, the token is not needed and does no harm.
    """
    token, expires = stream_tokens.issue(offered_key(request.headers))
    reply = StreamToken(token=token, expires_at=datetime.fromtimestamp(expires, UTC))
    return respond(reply, headers={"Cache-Control": "no-store"})
