"""One attempt of a job, run in this process."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.state import TrainingState
from service.checkpoints import repository as checkpoints
from service.database import clock
from service.database.errors import Conflict
from service.database.sessions import Database
from service.database.tables import Checkpoint, Epoch
from service.epochs import repository as epochs
from service.events import repository as events
from service.folds import repository as folds
from service.jobs import actions
from service.jobs import repository as jobs
from service.lifecycle import leases, transitions
from service.lifecycle.leases import Lease
from service.vocabulary import JobStatus
from service.worker.attempt import Attempt
from service.worker.control import Control, StopRequest
from tests.service.training import Bench


class After(Control):
    """Asks for something, or does it, after so many events of the training."""

    def __init__(self, count: int, what: StopRequest | Callable[[], object]) -> None:
        super().__init__()
        self._left = count
        self._what = what

    def requested(self) -> StopRequest | None:
        self._left -= 1
        if self._left == 0:
            if isinstance(self._what, StopRequest):
                self.ask(self._what)
            else:
                self._what()
        return super().requested()


@pytest.fixture
def bench(database: Database, tmp_path: Path) -> Bench:
    return Bench(database, tmp_path)


def claim(bench: Bench) -> Lease:
    with bench.database.write() as session:
        lease = leases.claim(session, "this test", 30.0)
    assert lease is not None
    return lease


def attempt(bench: Bench, control: Control | None = None, **settings: float) -> Lease:
    """Claim the job that waits and train it."""
    lease = claim(bench)
    _run(bench, lease, control or Control(), **settings)
    return lease


def _run(bench: Bench, lease: Lease, control: Control, **settings: float) -> None:
    Attempt(lease, bench.database, bench.storage.table, control, bench.settings(**settings)).run()


def test_a_job_that_is_trained_to_its_end(bench: Bench) -> None:
    job_id = bench.submit(epochs=12, checkpoints={"every": 5, "keep": 1})
    attempt(bench)
    detail = bench.detail(job_id)
    job = detail.job
    assert (job.status, job.stop_reason, job.epoch, job.fraction) == (
        "succeeded",
        "completed",
        12,
        1.0,
    )
    assert job.finished_at is not None
    assert job.fingerprint is not None
    assert not job.inexact_resume
    assert detail.latest is not None
    assert detail.best is not None
    assert detail.latest.epoch == 12
    assert detail.latest.train_accuracy is not None
    assert detail.latest.validation_loss is not None
    with bench.database.read() as session:
        happened = events.page(session, job_id, limit=100)
        kept = checkpoints.page(session, job_id, limit=100)
        best = checkpoints.get(session, job_id, detail.best.epoch)
        state = TrainingState.from_bytes(checkpoints.read_state(session, best))
    assert [event.seq for event in happened] == list(range(1, job.seq + 1))
    assert [event.epoch for event in happened if isinstance(event, Epoch)] == list(range(1, 13))
    assert {(row.epoch, row.best, row.last) for row in kept if not row.periodic} <= {
        (detail.best.epoch, True, False),
        (12, False, True),
        (12, True, True),
    }
    assert [row.epoch for row in kept if row.periodic] == [10]
    assert (state.epoch, state.weights_sha256) == (detail.best.epoch, best.weights_sha256)


@pytest.mark.parametrize(
    ("request_", "status", "reason"),
    [
        (StopRequest.PAUSE, "paused", "paused"),
        (StopRequest.CANCEL, "cancelled", "cancelled"),
        (StopRequest.STOP, "queued", "worker_stopped"),
    ],
)
def test_what_was_asked_is_done_with_a_checkpoint(
    bench: Bench, request_: StopRequest, status: str, reason: str
) -> None:
    job_id = bench.submit(epochs=100)
    attempt(bench, After(8, request_))
    detail = bench.detail(job_id)
    with bench.database.read() as session:
        last = checkpoints.last(session, job_id)
        moved = transitions.page(session, job_id, limit=10)[-1]
    assert (detail.job.status, detail.job.lost_attempts, moved.reason) == (status, 0, reason)
    assert last is not None
    assert (last.epoch, last.partial, last.last) == (detail.job.epoch, False, True)
    assert 0 < last.epoch < 100
    assert detail.model_id is not None


@pytest.mark.parametrize("request_", [StopRequest.PAUSE, StopRequest.STOP])
def test_interrupted_training_ends_with_the_same_bits(bench: Bench, request_: StopRequest) -> None:
    whole = bench.submit(epochs=40)
    attempt(bench)
    pieces = bench.submit(epochs=40)
    for _ in range(3):
        attempt(bench, After(9, request_))
        if request_ is StopRequest.PAUSE:
            with bench.database.write() as session:
                actions.request_resume(session, pieces)
    attempt(bench)
    assert bench.detail(pieces).job.status == JobStatus.SUCCEEDED
    assert bench.detail(pieces).job.attempt == 4
    assert bench.weights(pieces) == bench.weights(whole)
    with bench.database.read() as session:
        measured = [
            [(row.epoch, row.train_loss, row.validation_loss) for row in rows]
            for rows in (epochs.page(session, job_id, limit=100) for job_id in (whole, pieces))
        ]
    assert measured[0] == measured[1]


def test_a_request_before_the_first_step_makes_no_model(bench: Bench) -> None:
    job_id = bench.submit()
    control = Control()
    control.ask(StopRequest.CANCEL)
    attempt(bench, control)
    detail = bench.detail(job_id)
    assert (detail.job.status, detail.model_id, detail.latest) == ("cancelled", None, None)


def test_diverged_training_says_where_and_keeps_the_last_finite_state(bench: Bench) -> None:
    job_id = bench.submit(
        epochs=200,
        network={"layers": [{"kind": "dense", "units": 8, "activation": "relu"}]},
        optimizer={"kind": "sgd", "learning_rate": 0.1},
        # Every step multiplies the weights by about -1.5.
        regularizers=[{"kind": "l2", "strength": 25.0}],
    )
    attempt(bench, best_checkpoint_seconds=0.0, last_checkpoint_seconds=0.0)
    detail = bench.detail(job_id)
    assert detail.job.status == "failed"
    assert detail.job.error is not None
    assert detail.job.error["reason"] == "diverged"
    assert detail.job.error["epoch"] == detail.job.epoch + 1
    assert detail.job.error["step"] > 0
    assert detail.model_id is not None
    with bench.database.read() as session:
        last = checkpoints.last(session, job_id)
        assert last is not None
        state = TrainingState.from_bytes(checkpoints.read_state(session, last))
    assert 0 < state.epoch <= detail.job.epoch
    assert np.isfinite(state.theta).all()


def test_a_dataset_that_is_gone_fails_the_job(bench: Bench) -> None:
    job_id = bench.submit()
    bench.storage.delete(bench.detail(job_id).job.dataset_storage_key)
    attempt(bench)
    detail = bench.detail(job_id)
    assert detail.job.status == "failed"
    assert detail.job.error is not None
    assert detail.job.error["reason"] == "invalid_data"


def test_an_attempt_that_takes_too_long_fails(bench: Bench) -> None:
    job_id = bench.submit(epochs=100_000)
    attempt(bench, job_timeout_seconds=0.05)
    detail = bench.detail(job_id)
    assert detail.job.error is not None
    assert detail.job.error["reason"] == "timed_out"
    assert detail.model_id is not None


def test_an_error_that_nobody_foresaw_shows_no_trace(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = bench.submit()
    lease = claim(bench)

    def broken(key: str) -> None:
        raise RuntimeError(f"secret of {key}")

    Attempt(lease, bench.database, broken, Control(), bench.settings()).run()  # type: ignore[arg-type]
    error = bench.detail(job_id).job.error
    assert error is not None
    assert error["reason"] == "internal"
    assert "secret" not in str(error)
    assert "secret" in caplog.text


def test_an_attempt_that_lost_its_lease_writes_nothing_more(bench: Bench) -> None:
    job_id = bench.submit(epochs=100_000)
    lease = claim(bench)
    policy = leases.RetryPolicy(max_attempts=5, backoff_seconds=0.0)
    seen: list[int] = []

    def take_over() -> None:
        with bench.database.write() as session:
            leases.abandon(session, lease, policy, "test")
            jobs.locked(session, job_id).available_at = clock.now(session)
            leases.claim(session, "another worker", 30.0)
        seen.append(bench.detail(job_id).job.revision)

    _run(bench, lease, After(50, take_over))
    job = bench.detail(job_id).job
    assert [job.revision] == seen
    assert (job.status, job.attempt) == ("running", 2)


def test_another_fingerprint_is_allowed_and_flagged(bench: Bench) -> None:
    job_id = bench.submit(epochs=20)
    attempt(bench, After(5, StopRequest.STOP))
    with bench.database.write() as session:
        job = jobs.locked(session, job_id)
        job.fingerprint = {**(job.fingerprint or {}), "numpy": "0.1"}
    attempt(bench)
    job = bench.detail(job_id).job
    assert (job.status, job.inexact_resume) == ("succeeded", True)


def test_a_crash_between_the_best_and_the_last_state_loses_neither(bench: Bench) -> None:
    """Whenever a state to go on from is stored, so is the best one before it."""
    job_id = bench.submit(epochs=60)
    attempt(bench, After(30, StopRequest.STOP), best_checkpoint_seconds=1000.0)
    detail = bench.detail(job_id)
    assert detail.best is not None
    with bench.database.read() as session:
        stored: Checkpoint = checkpoints.get(session, job_id, detail.best.epoch)
    assert stored.best


def test_a_cross_validation_that_is_broken_off_ends_as_if_it_were_not(bench: Bench) -> None:
    spec = {"validation": {"kind": "k_fold", "folds": 3}, "checkpoints": {"every": 2}}
    whole, broken = bench.submit(epochs=6, **spec), bench.submit(epochs=6, **spec)
    attempt(bench)
    for events_before in (2, 7, 6, 5):
        attempt(bench, After(events_before, StopRequest.STOP))
        assert bench.detail(broken).job.status == "queued"
    attempt(bench)
    assert bench.weights(broken) == bench.weights(whole)
    with bench.database.read() as session:
        results = [
            [
                (row.fold, row.best_epoch, row.validation, row.out_of_fold)
                for row in folds.of_job(session, job_id)
            ]
            for job_id in (whole, broken)
        ]
        measured = [
            [(row.fold, row.epoch, row.train_loss) for row in epochs.page(session, id_, limit=100)]
            for id_ in (whole, broken)
        ]
    assert len(results[0]) == 3
    assert results[0] == results[1]
    assert len(measured[0]) == 24
    assert measured[0] == measured[1]


def test_a_goal_survives_the_worker(bench: Bench) -> None:
    whole, job_id = bench.submit(epochs=6), bench.submit(epochs=6)
    attempt(bench)
    with bench.database.write() as session:
        actions.request_pause(session, job_id)
        actions.request_advance(session, job_id, epochs=3)
    attempt(bench, After(2, StopRequest.STOP))
    assert bench.detail(job_id).job.until_epoch == 3
    attempt(bench)
    job = bench.detail(job_id).job
    assert (job.status, job.epoch, job.until_epoch) == ("paused", 3, None)
    with bench.database.write() as session:
        actions.request_advance(session, job_id, epochs=100)
    attempt(bench)
    assert bench.detail(job_id).job.status == "succeeded"
    assert bench.weights(job_id) == bench.weights(whole)


def test_a_job_that_is_advanced_is_not_resumed(bench: Bench) -> None:
    job_id = bench.submit(epochs=6)
    with bench.database.write() as session:
        actions.request_pause(session, job_id)
        actions.request_advance(session, job_id, steps=3)
        with pytest.raises(Conflict, match="pauses by itself"):
            actions.request_resume(session, job_id)
