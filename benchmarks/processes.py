"""Servers to measure, each in a process of its own that ends with the block that started it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx

ROOT = Path(__file__).parents[1]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int, ready: str, **variables: str) -> Iterator[str]:
    """Start a server, wait until it is ready, and give its address, `host:port`.

    What it logs, a line a request, is not shown.
    """
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | variables,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(f"http://{address}{ready}", process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    until = monotonic() + seconds
    while process.poll() is None and monotonic() < until:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            sleep(0.05)
    raise RuntimeError(f"{url} did not answer")


@contextmanager
def trainyard(data: Path, **variables: str) -> Iterator[str]:
    """The service with a worker in one command, one slot."""
    port = free_port()
    command = ["trainyard", "serve", "--port", str(port)]
    settings = {
        "TRAINYARD_DATA_DIR": str(data),
        "TRAINYARD_SLOTS": "1",
        "TRAINYARD_THREADS_PER_JOB": "1",
    }
    with serving(command, port, "/readyz", **settings | variables) as address:
        yield address


@contextmanager
def empty_app() -> Iterator[str]:
    port = free_port()
    with serving(["benchmarks.empty_app", str(port)], port, "/async") as address:
        yield address
