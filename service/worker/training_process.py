"""A training process as its supervisor sees it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, cast

from service.lifecycle.leases import Lease
from service.settings import Settings

logger = logging.getLogger(__name__)

_SECRETS = {"api_keys"}


class TrainingProcess:
    """One spawned process: a warm spare, or at work on the attempt of a job.

    `ready` says that it has warmed up, `done` that the attempt it was given is over.

    `changed` is called, from a thread, when it is ready and when it has ended. The process must be
    started by a thread that lives as long as it should: it dies with that thread.
    """

    def __init__(self, settings: Settings, changed: Callable[[], None]) -> None:
        self.lease: Lease | None = None
        self.ready = False
        self.done = False
        self._changed = changed
        self._action: str | None = None
        self._asked_at: float | None = None
        self._heard_at = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "service.worker.process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(),
            process_group=0,  # Ctrl-C in a terminal reaches the supervisor only
        )
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)
        self._send({"settings": settings.model_dump(mode="json", exclude=_SECRETS)})
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="trainyard-child", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the process ended (negative: the signal), None while it lives."""
        return self._process.returncode

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._process.returncode is not None

    def train(self, lease: Lease) -> None:
        """Hand an attempt to this spare, which may still be warming up."""
        self._over.clear()
        self.lease = lease
        self._send({"run": dataclasses.asdict(lease)})

    def release(self) -> None:
        """The attempt is over: this is a spare again."""
        self.lease = None
        self.done = False
        self._action = None
        self._asked_at = None

    def ask(self, action: str | None) -> None:
        """Pass on what is asked of the attempt, if it is news."""
        if self.lease is not None and action != self._action:
            self._action = action
            self._asked_at = None if action is None else time.monotonic()
            self._send({"action": action, "token": self.lease.token})

    def escalate(self, grace_seconds: float) -> None:
        """SIGTERM when a request was not met in time, SIGKILL when that did not help either."""
        if self._asked_at is None or self.ended:
            return
        waited = time.monotonic() - self._asked_at
        if waited > 2 * grace_seconds:
            self.kill()
        elif waited > grace_seconds:
            self._process.send_signal(signal.SIGTERM)

    def silent_for(self) -> float:
        """Seconds since the process showed that it is alive; it does so on a thread of its own."""
        return time.monotonic() - self._heard_at

    def kill(self) -> None:
        """End the process at once."""
        if not self.ended:
            self._process.kill()

    def await_end(self, timeout_seconds: float) -> None:
        """Wait until the attempt is over, however it ended."""
        self._over.wait(timeout_seconds)

    def join(self) -> None:
        """Wait for the process to end."""
        self._watcher.join()

    def describe(self) -> str:
        """How it ended, in words."""
        code = self.exit_code
        if code is None:
            return "its process still runs"
        if code < 0:
            return f"its process was killed by {signal.Signals(-code).name}"
        return f"its process ended with code {code}"

    def _send(self, message: dict[str, object]) -> None:
        try:
            self._input.write(json.dumps(message).encode() + b"\n")
            self._input.flush()
        except (BrokenPipeError, ValueError):
            logger.debug("process %d has ended and hears nothing any more", self.pid)

    def _watch(self) -> None:
        for line in self._output:
            self._heard_at = time.monotonic()
            message = json.loads(line)
            if "alive" in message:
                continue
            if "ready" in message:
                self.ready = True
            else:
                self.done = True
                self._over.set()
            self._changed()
        self._process.wait()
        self._output.close()
        with contextlib.suppress(BrokenPipeError):
            self._input.close()
        self._over.set()
        self._changed()


THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Read by the libraries when they are loaded: they must be set before the process starts."""


def _environment() -> dict[str, str]:
    """The engine brings its own threads: those of the libraries would be in their way."""
    kept = {name: value for name, value in os.environ.items() if name != "TRAINYARD_API_KEYS"}
    return kept | dict.fromkeys(THREAD_VARIABLES, "1") | {"TRAINYARD_SUPERVISOR": str(os.getpid())}
