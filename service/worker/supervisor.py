"""The local executor: a supervisor of spawned processes, one per attempt, with warm spares.

The database decides; the supervisor only looks, often. Each round it buries processes that ended,
frees jobs whose worker is gone, passes on what clients asked for, and claims jobs for free slots.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from service.database.errors import LeaseLost
from service.database.sessions import Database
from service.idempotency import repository as idempotency
from service.lifecycle import leases
from service.lifecycle.leases import Lease, RetryPolicy
from service.settings import Settings
from service.vocabulary import JobStatus, PendingAction
from service.worker import owner
from service.worker.control import StopRequest
from service.worker.training_process import TrainingProcess

logger = logging.getLogger(__name__)

PURGE_SECONDS = 600.0
"""Between two looks for stored answers that are old enough to be forgotten."""
MIN_SILENCE_SECONDS = 3.0
"""A busy machine may keep a living process from showing it for this long."""
LOCK_TIMEOUT_SECONDS = 5.0
"""How long to wait for a lock: whoever holds it may be a process that has to be killed."""
OUTAGE_SECONDS = 1.0
"""Pause after the database did not answer."""
MAX_SPARE_DELAY_SECONDS = 30.0
"""Between two spares when none lives long enough to become ready."""


class Supervisor:
    """Trains the jobs of one database on this machine.

    `run` blocks until `stop`; `start` does so in a thread. `wake` makes it look at once.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._owner = owner.own_name()
        self._policy = RetryPolicy(settings.max_attempts, settings.retry_backoff_seconds)
        self._silence_seconds = max(settings.lease_seconds, MIN_SILENCE_SECONDS)
        self._database = Database(
            settings.resolved_database_url, pool_size=2, lock_timeout_seconds=LOCK_TIMEOUT_SECONDS
        )
        self._children: list[TrainingProcess] = []
        self._awake = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._next_recovery = 0.0
        self._next_purge = time.monotonic() + PURGE_SECONDS
        self._next_spare = 0.0
        self._dead_spares = 0

    def start(self) -> None:
        """Run in a thread of this process."""
        self._thread = threading.Thread(target=self.run, name="trainyard-supervisor", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do: look now. Callable from any thread."""
        self._awake.set()

    def stop(self) -> None:
        """End gracefully: attempts write a checkpoint and give their jobs back to the queue."""
        self._stopping.set()
        self._awake.set()
        if self._thread is not None:
            self._thread.join()

    def ready(self) -> bool:
        """Whether a warm spare waits for a job."""
        return any(child.ready and child.lease is None for child in list(self._children))

    def processes(self) -> dict[str, int]:
        """The number of the process that trains each job."""
        return {
            child.lease.job_id: child.pid
            for child in list(self._children)
            if child.lease is not None
        }

    def run(self) -> None:
        """Supervise until `stop` is called."""
        try:
            while not self._stopping.is_set():
                pause = self._settings.poll_seconds
                self._awake.clear()
                try:
                    self._look()
                except SQLAlchemyError:
                    logger.exception("the database does not answer")
                    pause = OUTAGE_SECONDS
                except OSError:
                    logger.exception("a process could not be started")
                    pause = OUTAGE_SECONDS
                self._awake.wait(pause)
        finally:
            self._end_all()
            self._database.close()

    def _look(self) -> None:
        self._end_frozen()
        self._reap()
        self._recover()
        self._forget_answers()
        self._forward_actions()
        self._assign()
        self._keep_spares()

    def _end_frozen(self) -> None:
        """Kill processes at work that show no life: frozen, they may hold locks of the database."""
        for child in self._children:
            if child.lease is not None and child.silent_for() > self._silence_seconds:
                logger.error("process %d is frozen and will be killed", child.pid)
                child.kill()

    def _reap(self) -> None:
        """See what became of the jobs of attempts that are over and of processes that ended."""
        for child in [child for child in self._children if child.done or child.ended]:
            if child.lease is not None:
                self._abandon(child.lease, child.describe())
            elif child.ended and not child.ready:
                self._back_off(child)
            child.release()
            if child.ended:
                self._children.remove(child)

    def _abandon(self, lease: Lease, detail: str) -> None:
        try:
            with self._database.write() as session:
                job = leases.abandon(session, lease, self._policy, detail)
        except LeaseLost:
            return  # the usual end: the attempt itself has moved the job on
        logger.warning("attempt %d of %s was lost: %s", lease.attempt, lease.job_id, detail)
        if job.status == JobStatus.FAILED:
            logger.error("%s has failed: every attempt was lost", lease.job_id)

    def _back_off(self, child: TrainingProcess) -> None:
        self._dead_spares += 1
        delay = min(2.0**self._dead_spares / 2, MAX_SPARE_DELAY_SECONDS)
        self._next_spare = time.monotonic() + delay
        logger.error("a spare could not start (%s); next one in %g s", child.describe(), delay)

    def _recover(self) -> None:
        """Jobs whose worker is gone, whoever it was: by the lease, or at once on this machine."""
        now = time.monotonic()
        if now < self._next_recovery:
            return
        self._next_recovery = now + min(self._settings.lease_seconds / 3, 5.0)
        with self._database.read() as session:
            lost = [(lease, "its lease ran out") for lease in leases.expired(session)]
            lost += [
                (lease, "its supervisor has died")
                for lease, name in leases.owned(session)
                if owner.is_dead(name)
            ]
        for lease, detail in lost:
            self._abandon(lease, detail)

    def _forget_answers(self) -> None:
        """Answers to requests with an Idempotency-Key are kept for as long as promised."""
        now = time.monotonic()
        if now < self._next_purge:
            return
        self._next_purge = now + PURGE_SECONDS
        with self._database.write() as session:
            idempotency.purge(session, timedelta(hours=self._settings.idempotency_hours))

    def _forward_actions(self) -> None:
        """Requests to pause and cancel, to the processes they are meant for."""
        training = {child.lease: child for child in self._children if child.lease is not None}
        if not training:
            return
        with self._database.read() as session:
            pending = leases.pending(session, list(training))
        for lease, child in training.items():
            # A lease that is gone went to somebody else: whatever this process still does is in
            # vain, and the database refuses it.
            child.ask(pending.get(lease.job_id, PendingAction.CANCEL))
            child.escalate(self._settings.cancel_grace_seconds)

    def _assign(self) -> None:
        """Claim a job for every free slot, as long as jobs wait."""
        while self._free_slots() > 0 and (spare := self._spare()) is not None:
            with self._database.read() as session:
                if not leases.waiting(session):
                    return
            with self._database.write() as session:
                lease = leases.claim(session, self._owner, self._settings.lease_seconds)
            if lease is None:
                return
            spare.train(lease)

    def _free_slots(self) -> int:
        return self._settings.slots - sum(child.lease is not None for child in self._children)

    def _spare(self) -> TrainingProcess | None:
        """A warm spare: one that still compiles kernels could not keep a lease meanwhile."""
        for child in self._children:
            if child.ready and child.lease is None and not child.ended:
                return child
        return None

    def _keep_spares(self) -> None:
        """Hold a process ready for every free slot, and for the one that becomes free next."""
        most = self._settings.max_idle_processes
        idle = [child for child in self._children if child.lease is None]
        for child in idle[most:]:  # after many jobs at once: a spare of each is left
            self._end(child)
        if time.monotonic() < self._next_spare:
            return
        for _ in range(min(max(1, self._free_slots()), most) - len(idle)):
            self._spawn()

    def _end(self, child: TrainingProcess) -> None:
        child.kill()
        child.join()
        self._children.remove(child)

    def _spawn(self) -> TrainingProcess:
        child = TrainingProcess(self._settings, self.wake)
        self._children.append(child)
        return child

    def _end_all(self) -> None:
        """Give the jobs back, with a checkpoint each; kill who takes too long."""
        deadline = time.monotonic() + self._settings.cancel_grace_seconds
        training = [child for child in self._children if child.lease is not None]
        for child in training:
            child.ask(StopRequest.STOP)
        for child in training:
            child.await_end(max(0.0, deadline - time.monotonic()))
        for child in self._children:
            child.kill()
            child.join()
        for child in training:
            self._give_back(child.lease)

    def _give_back(self, lease: Lease | None) -> None:
        """A job whose attempt did not stop in time: it has not lost an attempt by that."""
        if lease is None:
            return
        try:
            with self._database.write() as session:
                leases.finish(session, lease, JobStatus.QUEUED, reason="worker_stopped")
        except LeaseLost:
            return  # the usual end: the attempt itself has given it back
        except SQLAlchemyError:
            logger.exception("%s could not be given back; its lease will run out", lease.job_id)
