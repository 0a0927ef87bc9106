"""Server-Sent Events from chunks of bytes, as the HTML standard defines their stream.

Chunks may be cut anywhere: inside a character, between CR and LF, between events. Lines end in LF,
CR or CRLF; a line that starts with a colon is a comment; an empty line sends the event off; an
event that the stream breaks off in is never sent. Standard: "Server-sent events", section 9.2.6,
https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass


@dataclass(frozen=True)
class ServerSentEvent:
    """One event: its name, its data, and the id of the last event that had one."""

    name: str
    data: str
    id: str


class Decoder:
    """Turns chunks of one stream into events; make a new one for every connection."""

    def __init__(self) -> None:
        self.retry_milliseconds: int | None = None
        self._text = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._pending = ""
        self._after_carriage_return = False
        self._id = ""
        self._name = ""
        self._data: list[str] = []

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """The events that this chunk completes."""
        events = (self._take(line) for line in self._lines(self._text.decode(chunk)))
        return [event for event in events if event is not None]

    def _lines(self, text: str) -> list[str]:
        """The lines that this text completes; the LF of a CRLF may come with the next chunk."""
        if not text:
            return []
        if self._after_carriage_return:
            text = text.removeprefix("\n")
        self._after_carriage_return = text.endswith("\r")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        *lines, self._pending = (self._pending + text).split("\n")
        return lines

    def _take(self, line: str) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._name = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self.retry_milliseconds = int(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        return ServerSentEvent(name, "\n".join(data), self._id) if data else None
