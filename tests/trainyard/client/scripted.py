"""A transport that answers from a script, for both clients, and what it is made to answer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from trainyard import Client

JOB = {"id": "job_1", "status": "running", "progress": {"epoch": 1, "epochs": 9}}
EPOCH = {"seq": 2, "epoch": 1, "train": {"loss": 0.5, "r2": None}, "validation": None}
END = {"type": "end", "seq": 4, "status": "succeeded", "model_id": "mdl_1"}
Script = httpx.Response | Exception


class Recording(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers with what it is given, in order, and keeps what it was asked."""

    def __init__(self, *answers: Script) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that breaks off."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks
        raise httpx.ReadError("connection reset")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


Connect = Callable[..., tuple[Client, Recording]]
"""``connect(*answers, **options)``: a client of either kind, and the transport that it uses."""


def ok(body: Any = JOB, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=body, headers=headers)


def stream(*events: dict[str, Any]) -> bytes:
    return b"".join(
        f"event: {event['type']}\nid: {event['seq']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )


def epoch_event(seq: int) -> dict[str, Any]:
    return {"type": "epoch", "seq": seq, "epoch": EPOCH | {"seq": seq}}
