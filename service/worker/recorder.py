"""Writes what an attempt did: epochs in batches, checkpoints no more often than is worth it.

Everything due is written in one transaction, the best network before the state to go on from, so
that a crash never leaves a job beyond its best epoch without that epoch's weights.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import safetensors.numpy
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.state import TrainingState
from engine.training.cross_validation import FoldEnd
from engine.training.events import EpochEnd
from engine.training.events import Progress as StepsDone
from service.checkpoints import repository as checkpoints
from service.checkpoints.repository import NewCheckpoint
from service.database.sessions import Database
from service.epochs import repository as epochs
from service.epochs.repository import NewEpoch
from service.folds import repository as folds
from service.folds.repository import NewFold
from service.lifecycle import leases
from service.lifecycle.leases import Lease
from service.models import repository as models
from service.models.repository import NewModel
from service.vocabulary import JobStatus
from service.worker.control import Control
from service.worker.meter import Meter

logger = logging.getLogger(__name__)

SHARE_OF_TIME = 80
"""Writing may take one part in so many of an attempt's time, whatever the intervals are."""
MAX_SILENCE_SECONDS = 2.0
"""Whoever watches sees that epochs go by, however long the last write of them took."""
PROGRESS_SECONDS = 1.0
"""How often the progress within a long epoch is written."""
WAITING_BYTES = 32 << 20
"""Weights of periodic states that may wait in memory; their optimizers' moments come on top."""
OUTAGE_SECONDS = 120.0
"""How long an attempt keeps trying while the database does not answer."""
RETRY_SECONDS = 0.5


@dataclass(frozen=True)
class Intervals:
    """Seconds between two writes of the same kind, at least."""

    epochs: float
    best: float
    last: float


class _WriteThrottle:
    """When the next write is due: after its interval, and never too often for what it costs.

    For the sake of its cost it is put off by `longest` seconds at most.
    """

    def __init__(self, interval: float, first: float, longest: float = float("inf")) -> None:
        self._interval = interval
        self._longest = longest
        self._next = first

    def due(self, now: float) -> bool:
        """Whether a write may happen."""
        return now >= self._next

    def wrote(self, now: float, cost: float) -> None:
        """A write that took `cost` seconds has just ended."""
        self._next = now + max(self._interval, min(SHARE_OF_TIME * cost, self._longest))


class Recorder:
    """The memory of one attempt between the training loop and the database."""

    def __init__(
        self,
        database: Database,
        lease: Lease,
        control: Control,
        *,
        intervals: Intervals,
        keep: int,
        model: Callable[[int], NewModel | None],
        snapshot: Callable[[], TrainingState],
        total_epochs: int,
        first_epoch: int = 0,
    ) -> None:
        self._database = database
        self._lease = lease
        self._control = control
        self._keep = keep
        self._model = model
        self._snapshot = snapshot
        self._epochs: list[NewEpoch] = []
        self._folds: list[NewFold] = []
        self._best: TrainingState | None = None
        self._periodic: deque[TrainingState] = deque(maxlen=keep)
        self._silent = True
        now = time.monotonic()
        self._meter = Meter(total_epochs, first_epoch, now)
        self._epoch_pace = _WriteThrottle(intervals.epochs, now, MAX_SILENCE_SECONDS)
        self._progress_pace = _WriteThrottle(
            PROGRESS_SECONDS, now + PROGRESS_SECONDS, MAX_SILENCE_SECONDS
        )
        self._best_pace = _WriteThrottle(intervals.best, now)
        self._last_pace = _WriteThrottle(intervals.last, now + intervals.last)

    def epoch(self, event: EpochEnd) -> None:
        """Note an epoch, its state when it is worth keeping, and write what is due."""
        self._epochs.append(_new_epoch(event))
        if event.improved or event.checkpoint_due:
            state = self._snapshot()
            if event.improved:
                self._best = state
            if event.checkpoint_due:
                self._periodic.append(state)
        now = time.monotonic()
        self._meter.epoch(event, now)
        self._write_due(now)

    def steps(self, event: StepsDone) -> None:
        """Note the progress within an epoch, and write what is due."""
        now = time.monotonic()
        self._meter.steps(event, now)
        self._write_due(now)

    def fold(self, event: FoldEnd) -> None:
        """Note the end of a fold, and write what there is.

        Once it is over, its preprocessing is known no more: nothing of this fold may wait.
        """
        self._folds.append(_new_fold(event))
        states = self._states(last=False)
        persist(self._database, lambda session: self._write(session, states))
        self._epochs.clear()
        self._folds.clear()
        self._best = None
        self._periodic.clear()

    def finish(
        self,
        status: JobStatus,
        reason: str,
        *,
        error: dict[str, Any] | None = None,
        keep_last: bool = True,
    ) -> None:
        """Write everything that is not written yet and end the attempt, in one transaction.

        `keep_last` is false when the state is not worth going on from (it has diverged).
        """
        states = self._states(last=keep_last)

        def work(session: Session) -> None:
            self._write(session, states)
            leases.finish(session, self._lease, status, reason=reason, error=error)

        persist(self._database, work)

    def _write_due(self, now: float) -> None:
        """One transaction for all that is due, none when nothing is.

        Of the first epoch whoever waits is told at once, its state follows with the next event.
        """
        last = self._last_pace.due(now)
        waiting = self._best is not None or bool(self._periodic)
        kept = last or (waiting and (self._best_pace.due(now) or self._too_much()))
        measured = bool(self._epochs) and self._epoch_pace.due(now)
        if not (kept or measured or self._progress_pace.due(now)):
            return
        if measured and self._silent:
            self._silent = kept = last = False
        states = self._states(last=last) if kept else []
        packed = time.monotonic() - now
        cost = packed + persist(self._database, lambda session: self._write(session, states))
        self._epochs.clear()
        after = time.monotonic()
        # States can be large, epochs are not: what writing them took is no reason to be silent.
        cost_of_epochs = 0.0 if states else cost
        self._epoch_pace.wrote(after, cost_of_epochs)
        self._progress_pace.wrote(after, cost_of_epochs)
        if kept:
            self._best = None
            self._periodic.clear()
            self._best_pace.wrote(after, cost)
        if last:
            self._last_pace.wrote(after, cost)

    def _too_much(self) -> bool:
        """Whether the periodic states that wait to be written fill the memory."""
        return sum(state.theta.nbytes for state in self._periodic) > WAITING_BYTES

    def _states(self, *, last: bool) -> list[NewCheckpoint]:
        """The states to write, each once with all its roles, oldest first."""
        roles: dict[int, tuple[TrainingState, set[str]]] = {}

        def add(state: TrainingState, role: str) -> None:
            roles.setdefault(state.all_steps, (state, set()))[1].add(role)

        for state in self._periodic:
            add(state, "periodic")
        if self._best is not None:
            add(self._best, "best")
        if last:
            add(self._snapshot(), "last")
        return [
            _new_checkpoint(state, names)
            for step, (state, names) in sorted(roles.items())
            if step > 0 and np.isfinite(state.theta).all()
        ]

    def _write(self, session: Session, states: list[NewCheckpoint]) -> None:
        action = epochs.append(session, self._lease, self._epochs, self._meter.progress)
        for state in states:
            checkpoint = checkpoints.save(session, self._lease, state, keep=self._keep)
            if (model := self._model(state.fold)) is not None:
                models.follow(session, checkpoint, model)
        for fold in self._folds:
            folds.save(session, self._lease, fold)
        self._control.follow(action)


def persist(database: Database, work: Callable[[Session], object]) -> float:
    """Carry out a transaction; a database that is away for a while is waited for.

    Returns how many seconds it took, without those of waiting for the database or its lock. `work`
    may be done twice when the answer to a commit was lost: it must do no harm then.
    """
    deadline = time.monotonic() + OUTAGE_SECONDS
    while True:
        try:
            with database.write() as session:
                session.connection()  # SQLite waits for its lock here
                began = time.monotonic()
                work(session)
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            logger.warning("the database does not answer; trying again")
            time.sleep(RETRY_SECONDS)
        else:
            return time.monotonic() - began


def _new_epoch(event: EpochEnd) -> NewEpoch:
    return NewEpoch(**{each.name: getattr(event, each.name) for each in fields(NewEpoch)})


def _new_fold(event: FoldEnd) -> NewFold:
    result, answers = event.result, event.prediction
    outputs = answers.values if answers.probabilities is None else answers.probabilities
    arrays = {
        "rows": event.rows.astype(np.int64),
        "truth": event.truth,
        "outputs": np.asarray(outputs, np.float64),
    }
    kept = {name: value for name, value in asdict(result).items() if name != "best"}
    return NewFold(**kept, out_of_fold=safetensors.numpy.save(arrays))


def _new_checkpoint(state: TrainingState, roles: set[str]) -> NewCheckpoint:
    return NewCheckpoint(
        epoch=state.epoch,
        step=state.all_steps,
        fold=state.fold,
        partial=state.position > 0,
        state=state.to_bytes(),
        weights_sha256=state.weights_sha256,
        best="best" in roles,
        last="last" in roles,
        periodic="periodic" in roles,
    )
