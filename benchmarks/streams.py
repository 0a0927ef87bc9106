"""A thousand open streams of events: `python -m benchmarks.streams`.

A paused job advances epoch by epoch, while one client and then a thousand follow it. Timed is from
the call that advances it until the epoch has arrived: at one stream, at the first and at the last
of a thousand. What differs is what so many streams cost; the rest is the way of a paused job to its
epoch. Clients and service share the machine. Linux only.
"""

import argparse
import asyncio
import os
import resource
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import Any

from benchmarks import processes, report
from benchmarks.load import request
from benchmarks.memory import API, below, resident_bytes
from trainyard import Client

MOONS = {"kind": "two_moons", "samples": 500, "noise": 0.2}
EPOCH = b"event: epoch\n"
GOAL_SECONDS = 0.5
SETTLE_SECONDS = 3.0
"""Of memory that does not change, until it is believed."""


class Stream(asyncio.Protocol):
    """One client: when it was answered, and when each epoch arrived."""

    def __init__(self, asking: bytes) -> None:
        self._asking, self._unread = asking, b""
        self.answered = asyncio.Event()
        self.arrivals: list[float] = []
        self._arrived = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._asking)

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        if not self.answered.is_set():
            assert data.startswith(b"HTTP/1.1 200"), data
            self.answered.set()
        whole, _, self._unread = (self._unread + data).rpartition(b"\n")
        for _ in range((whole + b"\n").count(EPOCH)):
            self.arrivals.append(now)
            self._arrived.set()

    async def has(self, epochs: int) -> None:
        """Wait until so many have arrived."""
        while len(self.arrivals) < epochs:
            self._arrived.clear()
            await self._arrived.wait()

    def close(self) -> None:
        self._transport.close()


@asynccontextmanager
async def following(address: str, job: str, count: int) -> Any:
    """So many streams of a job's next events, all of them answered."""
    host, _, port = address.partition(":")
    headers = {"Accept": "text/event-stream"}
    asking = request("GET", f"/v1/jobs/{job}/events", address, headers)
    loop = asyncio.get_running_loop()
    streams = []
    for _ in range(count):
        _, stream = await loop.create_connection(lambda: Stream(asking), host, int(port))
        streams.append(stream)
    await asyncio.gather(*(stream.answered.wait() for stream in streams))
    try:
        yield streams
    finally:
        for stream in streams:
            stream.close()


async def advance(client: Client, job: str, streams: Sequence[Stream], epoch: int) -> list[float]:
    """Seconds until the next epoch has arrived at each stream, the soonest first."""
    start = perf_counter()
    await asyncio.to_thread(client.jobs.advance, job, epochs=1)
    await asyncio.gather(*(stream.has(epoch) for stream in streams))
    seconds = sorted(stream.arrivals[epoch - 1] - start for stream in streams)
    await asyncio.to_thread(client.jobs.wait, job, paused=True)
    return seconds


async def measure(client: Client, address: str, count: int, epochs: int) -> dict[str, Any]:
    job = client.jobs.create(dataset=MOONS, training={"epochs": 10_000, "seed": 1}, paused=True).id
    sizes, done = [], 0
    seconds: dict[int, list[list[float]]] = {1: [], count: []}
    for turn in ("first", "second"):
        for many in (1, count):
            async with following(address, job, many) as streams:
                for _ in range(epochs):
                    done += 1
                    seconds[many].append(await advance(client, job, streams, done))
                sizes.append((f"{many:,} open, {turn} time", resident()))
            sizes.append((f"{many:,} closed, {turn} time", await asyncio.to_thread(settled)))
    client.jobs.cancel(job)
    return {
        "streams": count,
        "epochs": 2 * epochs,
        "one": median(each[0] for each in seconds[1]),
        "first": median(each[0] for each in seconds[count]),
        "last": median(each[-1] for each in seconds[count]),
        "worst": max(each[-1] for each in seconds[count]),
        "resident_bytes": dict(sizes),
    }


def resident() -> int:
    """Bytes of the API process."""
    return max(resident_bytes(process) for name, process in below(os.getpid()) if name == API)


def settled() -> int:
    """The same, once it no longer grows: a fresh process goes on to load what it will need."""
    size = -1
    while size != (size := resident()):
        sleep(SETTLE_SECONDS)
    return size


def show(results: dict[str, Any]) -> None:
    columns = ("one", "first", "last", "worst")
    report.show(
        f"From advancing a job to its epoch at {results['streams']:,} streams, milliseconds "
        f"(goal: {GOAL_SECONDS * 1e3:.0f})",
        ["one stream alone", "the first of all", "the last of all", "the last, at worst"],
        [[f"{results[column] * 1e3:.0f}" for column in columns]],
    )
    sizes = results["resident_bytes"]
    report.show(
        "Memory of the API process, MiB",
        list(sizes),
        [[f"{size / 2**20:.0f}" for size in sizes.values()]],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=10, help="in each of two turns")
    arguments = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8 * arguments.streams), most))
    with (
        TemporaryDirectory() as data,
        processes.trainyard(Path(data)) as address,
        Client(f"http://{address}") as client,
    ):
        results = asyncio.run(measure(client, address, arguments.streams, arguments.epochs))
    show(results)
    print(f"Written to {report.save('streams', results).relative_to(processes.ROOT)}")


if __name__ == "__main__":
    main()
