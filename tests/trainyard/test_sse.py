"""The decoder of Server-Sent Events, on streams cut in every way."""

from __future__ import annotations

import pytest

from trainyard.protocol.sse import Decoder, ServerSentEvent


def decode(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = Decoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


STREAMS: dict[str, tuple[bytes, list[ServerSentEvent]]] = {
    "one event": (b"event: epoch\nid: 7\ndata: {}\n\n", [ServerSentEvent("epoch", "{}", "7")]),
    "default name": (b"data: x\n\n", [ServerSentEvent("message", "x", "")]),
    "several data lines": (
        b"data: a\ndata\ndata: b\n\n",
        [ServerSentEvent("message", "a\n\nb", "")],
    ),
    "comments": (b": ping\n\ndata: x\n: in between\n\n", [ServerSentEvent("message", "x", "")]),
    "one space is cut, two are one": (
        b"data:x\n\ndata:  y\n\n",
        [ServerSentEvent("message", "x", ""), ServerSentEvent("message", " y", "")],
    ),
    "an id lasts until the next": (
        b"id: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
        [
            ServerSentEvent("message", "a", "1"),
            ServerSentEvent("message", "b", "1"),
            ServerSentEvent("message", "c", ""),
        ],
    ),
    "an id with NUL does not count": (
        b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n",
        [ServerSentEvent("message", "a", "1"), ServerSentEvent("message", "b", "1")],
    ),
    "a name without data is dropped, and its name with it": (
        b"event: epoch\n\ndata: x\n\n",
        [ServerSentEvent("message", "x", "")],
    ),
    "an id without data is kept": (b"id: 3\n\ndata: x\n\n", [ServerSentEvent("message", "x", "3")]),
    "unknown fields": (b"colour: red\ndata: x\n\n", [ServerSentEvent("message", "x", "")]),
    "byte order mark": (b"\xef\xbb\xbfdata: x\n\n", [ServerSentEvent("message", "x", "")]),
    "CRLF": (
        b"id: 1\r\ndata: x\r\n\r\ndata: y\r\n\r\n",
        [ServerSentEvent("message", "x", "1"), ServerSentEvent("message", "y", "1")],
    ),
    "CR": (
        b"data: x\r\rdata: y\r\r",
        [ServerSentEvent("message", "x", ""), ServerSentEvent("message", "y", "")],
    ),
    "characters of several bytes": (
        "data: Äß→🐧\n\n".encode(),
        [ServerSentEvent("message", "Äß→🐧", "")],
    ),
    "an unfinished event is never sent": (
        b"data: a\n\ndata: b\n",
        [ServerSentEvent("message", "a", "")],
    ),
}


@pytest.mark.parametrize(("stream", "events"), STREAMS.values(), ids=STREAMS)
def test_a_whole_stream(stream: bytes, events: list[ServerSentEvent]) -> None:
    assert decode(stream) == events


@pytest.mark.parametrize(("stream", "events"), STREAMS.values(), ids=STREAMS)
def test_cut_anywhere(stream: bytes, events: list[ServerSentEvent]) -> None:
    for cut in range(len(stream) + 1):
        assert decode(stream[:cut], b"", stream[cut:]) == events


@pytest.mark.parametrize(("stream", "events"), STREAMS.values(), ids=STREAMS)
def test_byte_by_byte(stream: bytes, events: list[ServerSentEvent]) -> None:
    assert decode(*(bytes([byte]) for byte in stream)) == events


@pytest.mark.parametrize(
    ("line", "milliseconds"),
    [(b"retry: 1500", 1500), (b"retry: soon", None), (b"retry: -1", None), (b"retry:", None)],
)
def test_retry_takes_digits_only(line: bytes, milliseconds: int | None) -> None:
    decoder = Decoder()
    decoder.feed(line + b"\n\n")
    assert decoder.retry_milliseconds == milliseconds


def test_bytes_that_are_not_utf8_do_not_stop_the_stream() -> None:
    assert decode(b"data: \xff\n\ndata: x\n\n")[1] == ServerSentEvent("message", "x", "")
