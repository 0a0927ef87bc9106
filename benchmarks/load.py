"""Requests per second: keep-alive connections that send one prepared request over and over.

A general HTTP client costs more than the answers that are measured here; this one writes bytes that
were prepared once and reads just enough of the answer to know where it ends.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Load:
    """What a load of requests came to."""

    requests_per_second: float
    median_seconds: float


def request(
    method: str, path: str, host: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """An HTTP/1.1 request, ready to be sent."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def _answer(reader: asyncio.StreamReader) -> None:
    """Read one answer; RuntimeError unless it is a success."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = head.split(b" ", 2)[1]
    if not status.startswith(b"2"):
        raise RuntimeError(f"the service answered {status.decode()}")
    length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)


async def _send(host: str, port: int, payload: bytes, until: float) -> list[float]:
    """Seconds of every request that one connection makes until a time."""
    reader, writer = await asyncio.open_connection(host, port)
    seconds = []
    while (start := perf_counter()) < until:
        writer.write(payload)
        await _answer(reader)
        seconds.append(perf_counter() - start)
    writer.close()
    await writer.wait_closed()
    return seconds


async def _run(address: str, payload: bytes, connections: int, duration: float) -> Load:
    host, _, port = address.partition(":")
    until = perf_counter() + duration
    batches = await asyncio.gather(
        *(_send(host, int(port), payload, until) for _ in range(connections))
    )
    seconds = [second for batch in batches for second in batch]
    return Load(len(seconds) / duration, median(seconds))


def load(address: str, payload: bytes, connections: int, duration: float) -> Load:
    """Send `payload` to `host:port` over some connections for some seconds."""
    return asyncio.run(_run(address, payload, connections, duration))
