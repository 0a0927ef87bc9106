"""Runs one attempt of a job: every executor calls `run`.

    read the job and its last checkpoint -> outline -> train -> write what happens -> end

Whatever goes wrong inside ends the job with a typed reason; only a process that dies, or a database
that stays away, leaves the job to its supervisor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from engine.data.preprocessing import Preprocessor
from engine.data.table import Table
from engine.data.task import Task
from engine.errors import Diverged
from engine.state import TrainingState
from engine.training.cross_validation import CrossValidated, FoldEnd
from engine.training.events import EpochEnd, Stopped
from engine.training.events import Progress as StepsDone
from engine.training.resources import Resources
from engine.training.runs import Run, start
from service.checkpoints import repository as checkpoints
from service.database.errors import LeaseLost
from service.database.sessions import Database
from service.database.tables import Job
from service.jobs import repository as jobs
from service.lifecycle import leases
from service.lifecycle.leases import Lease
from service.models.repository import NewModel
from service.recipes import recipe_from_json
from service.settings import Settings, available_cores
from service.vocabulary import JobStatus
from service.worker import failures
from service.worker.control import Control, StopRequest
from service.worker.fingerprint import fingerprint
from service.worker.lease import LeaseKeeper
from service.worker.recorder import Intervals, Recorder, persist

LoadTable = Callable[[str], Table]
"""The table at a storage key."""

_STOPS = {
    StopRequest.PAUSE: (JobStatus.PAUSED, "paused"),
    StopRequest.CANCEL: (JobStatus.CANCELLED, "cancelled"),
    StopRequest.STOP: (JobStatus.QUEUED, "worker_stopped"),
}
"""What becomes of a job whose attempt was asked to stop."""


@dataclass(frozen=True)
class _Goal:
    """How far a job is to be advanced; nowhere if it is to be trained to its end."""

    epoch: int | None
    step: int | None

    def is_reached(self, training: Run) -> bool:
        return (self.epoch is not None and training.epochs_done >= self.epoch) or (
            self.step is not None and training.steps_done >= self.step
        )


@dataclass(frozen=True)
class Attempt:
    """One attempt: whose it is, where it reads and writes, who may stop it."""

    lease: Lease
    database: Database
    load_table: LoadTable
    control: Control
    settings: Settings

    def run(self) -> None:
        """Train until the job ends, is paused, or is taken away. Raises SQLAlchemyError."""
        keeper = LeaseKeeper(self.database, self.lease, self.settings.lease_seconds, self.control)
        try:
            with keeper:
                self._run()
        except LeaseLost:
            # Whoever took the job over goes on with it; nothing here may be written any more.
            return

    def _run(self) -> None:
        job, state = self._begin()
        try:
            training = self._prepare(job, state)
        except (SQLAlchemyError, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - every failure has its typed reason
            self._fail(error)
            return
        training.pause_at(job.until_step)
        recorder = self._recorder(training)
        try:
            self._train(training, recorder, _Goal(job.until_epoch, job.until_step))
        except (SQLAlchemyError, LeaseLost):
            raise
        except Exception as error:  # noqa: BLE001 - every failure has its typed reason
            problem = failures.problem(error)
            keep_last = not isinstance(error, Diverged | MemoryError)
            recorder.finish(JobStatus.FAILED, problem["reason"], error=problem, keep_last=keep_last)

    def _begin(self) -> tuple[Job, TrainingState | None]:
        """The job and the state to go on from; and note whether this machine is another one."""
        with self.database.read() as session:
            job = jobs.get(session, self.lease.job_id).job
            checkpoint = checkpoints.last(session, job.id)
            state = checkpoints.read_state(session, checkpoint) if checkpoint else None
        own = fingerprint()
        noted: dict[str, Any] = {}
        if job.fingerprint is None:
            noted = {"fingerprint": own}
        elif job.fingerprint != own:
            noted = {"inexact_resume": True}
        persist(self.database, lambda session: leases.fenced_update(session, self.lease, **noted))
        return job, TrainingState.from_bytes(state) if state else None

    def _prepare(self, job: Job, state: TrainingState | None) -> Run:
        table = self.load_table(job.dataset_storage_key)
        other = job.validation_storage_key
        return start(
            recipe_from_json(job.spec),
            table,
            Task.from_json(job.task),
            state=state,
            preprocessor=Preprocessor.from_json(job.preprocessor) if job.preprocessor else None,
            validation_table=None if other is None else self.load_table(other),
            resources=self._room(job),
        )

    def _room(self, job: Job) -> Resources:
        """What the job may use; one that goes step by step does one thing at a time."""
        stepping = job.until_epoch is not None or job.until_step is not None
        return Resources(
            cores=1 if stepping else available_cores(),
            memory_bytes=self.settings.max_job_memory_bytes,
            threads=self.settings.resolved_threads_per_job,
        )

    def _recorder(self, training: Run) -> Recorder:
        settings = self.settings
        return Recorder(
            self.database,
            self.lease,
            self.control,
            intervals=Intervals(
                epochs=settings.epoch_batch_seconds,
                best=settings.best_checkpoint_seconds,
                last=settings.last_checkpoint_seconds,
            ),
            keep=training.outline.recipe.checkpoints.keep,
            model=lambda fold: _model(training, fold),
            snapshot=training.snapshot,
            total_epochs=training.epochs,
            first_epoch=training.epochs_done,
        )

    def _train(self, training: Run, recorder: Recorder, goal: _Goal) -> None:
        """Follow the training's events until it or somebody else ends it."""
        deadline = _deadline(self.settings.job_timeout_seconds)
        if request := self.control.requested():
            self._stop(request, recorder)
            return
        for event in training.events():
            if isinstance(event, EpochEnd):
                recorder.epoch(event)
            elif isinstance(event, StepsDone):
                recorder.steps(event)
            elif isinstance(event, FoldEnd):
                recorder.fold(event)
            else:
                _succeed(event, recorder)
                return
            if request := self.control.requested():
                self._stop(request, recorder)
                return
            if goal.is_reached(training):
                recorder.finish(JobStatus.PAUSED, "advanced")
                return
            if time.monotonic() > deadline:
                raise failures.TimedOutError(self.settings.job_timeout_seconds)

    def _stop(self, request: StopRequest, recorder: Recorder) -> None:
        if request is StopRequest.ABANDON:
            return
        status, reason = _STOPS[request]
        recorder.finish(status, reason)

    def _fail(self, error: Exception) -> None:
        """End a job that could not even begin."""
        problem = failures.problem(error)
        persist(
            self.database,
            lambda session: leases.finish(
                session, self.lease, JobStatus.FAILED, reason=problem["reason"], error=problem
            ),
        )


def _model(training: Run, fold: int) -> NewModel | None:
    """What the training makes of its best state, of a fold; a range test makes nothing."""
    if training.outline.recipe.range_test is not None:
        return None
    if isinstance(training, CrossValidated):
        return NewModel(training.outline_of(fold).preprocessor.to_json())
    made = training.outline
    return NewModel(made.preprocessor.to_json())


def _succeed(event: Stopped, recorder: Recorder) -> None:
    recorder.finish(JobStatus.SUCCEEDED, event.reason)


def _deadline(seconds: float) -> float:
    return time.monotonic() + seconds if seconds else float("inf")
