"""The process that trains: it warms up, then runs one attempt after the other.

Its supervisor talks to it in lines of JSON over its standard input, and hears lines on its standard
output. Standard input at its end means that the supervisor has died: then it dies too.

    <- {"settings": {...}}                  first of all
    -> {"ready": true}                      imports done, kernels loaded
    <- {"run": {"job_id": "job_...", "token": 3, "attempt": 2}}
    <- {"action": "pause" | "cancel" | "stop" | null, "token": 3}
    -> {"alive": true}                      three times in the time of a lease
    -> {"done": 3}                           that attempt is over, the next may come

A process that has grown large, or old, ends instead of saying that it is done.
"""

from __future__ import annotations

import ctypes
import itertools
import json
import logging
import os
import queue
import resource
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from service.worker.control import Control, StopRequest

INPUT, OUTPUT = 0, 1
SUPERVISOR_DIED = 70
MAX_ATTEMPTS = 100
"""After so many a process is not used again."""
MAX_KILOBYTES = 1 << 20
"""A process whose memory has grown beyond this is not used again."""
_PR_SET_PDEATHSIG = 1


class Worker:
    """The state of this process: the attempt it runs, if any."""

    def __init__(self, output: int) -> None:
        self._output = output
        self._messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._running: tuple[int, Control] | None = None

    def listen(self) -> None:
        """Take messages until the supervisor is gone."""
        for message in _lines():
            if "action" in message:
                self._ask(message["action"], message["token"])
            else:
                if "run" in message:
                    self._running = (message["run"]["token"], Control())
                self._messages.put(message)
        os._exit(SUPERVISOR_DIED)

    def terminate(self) -> None:
        """SIGTERM: give the job back to the queue, with a checkpoint; or just end."""
        if self._running is None:
            os._exit(0)
        self._running[1].ask(StopRequest.STOP)

    def work(self) -> None:
        """Warm up, then run attempts."""
        # Here and not above: a new process first ties its life to the supervisor's.
        from service.database.sessions import Database
        from service.datasets.storage import Storage
        from service.lifecycle.leases import Lease
        from service.settings import Settings
        from service.worker.attempt import Attempt
        from service.worker.prewarm import warm_up

        settings = Settings(**self._messages.get()["settings"])
        database = Database(settings.resolved_database_url, pool_size=2)
        storage = Storage(settings.resolved_storage_url)
        threading.Thread(
            target=self._beat,
            args=(settings.lease_seconds / 3,),
            name="trainyard-pulse",
            daemon=True,
        ).start()
        warm_up(database)
        _limit_memory(settings.worker_memory_bytes)
        self._tell({"ready": True})
        for attempts in itertools.count(1):
            order = self._messages.get()["run"]
            token, control = self._running or (order["token"], Control())
            lease = Lease(order["job_id"], order["token"], order["attempt"])
            Attempt(lease, database, storage.table, control, settings).run()
            if attempts == MAX_ATTEMPTS or _kilobytes() > MAX_KILOBYTES:
                break  # without a word: whoever is told that it is done may send the next one
            self._running = None
            self._tell({"done": token})
        database.close()

    def _ask(self, action: str | None, token: int) -> None:
        if self._running is None or self._running[0] != token:
            return  # it was meant for an attempt that is over
        if action == StopRequest.STOP:
            self._running[1].ask(StopRequest.STOP)
        else:
            self._running[1].follow(action)

    def _beat(self, seconds: float) -> None:
        """Show that this process is not frozen, whatever the database does meanwhile."""
        while True:
            self._tell({"alive": True})
            time.sleep(seconds)

    def _tell(self, message: dict[str, Any]) -> None:
        os.write(self._output, json.dumps(message).encode() + b"\n")


def main() -> None:
    """Live until there is nothing more to train for this process."""
    _die_with_the_supervisor()
    worker = Worker(_reserve_output())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    signal.signal(signal.SIGTERM, lambda *_: worker.terminate())
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    threading.Thread(target=worker.listen, name="trainyard-orders", daemon=True).start()
    worker.work()
    # Threads of libraries have nothing left to do; waiting for them could only hang.
    os._exit(0)


def _die_with_the_supervisor() -> None:
    """Have Linux kill this process when the supervisor's thread ends; `listen` does elsewhere."""
    supervisor = int(os.environ.get("TRAINYARD_SUPERVISOR", "0"))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if supervisor and os.getppid() != supervisor:  # it died before the call
            os._exit(SUPERVISOR_DIED)


def _reserve_output() -> int:
    """Keep standard output for the protocol: what libraries print goes to standard error."""
    output = os.dup(OUTPUT)
    os.dup2(sys.stderr.fileno(), OUTPUT)
    return output


def _lines() -> Iterator[dict[str, Any]]:
    """Messages as they come; read without a buffer that a dying interpreter could trip over."""
    rest = b""
    while part := os.read(INPUT, 1 << 16):
        *lines, rest = (rest + part).split(b"\n")
        yield from map(json.loads, lines)


def _kilobytes() -> int:
    """The most memory that this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _limit_memory(size: int) -> None:
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    main()
