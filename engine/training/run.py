"""Gradient descent: the loop. It yields events, never prints and never stores.

Read ``Training.events`` first: it is the lecture's Algorithm 1 with its surroundings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import isfinite
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.permutation import permutation
from engine.data.table import Table
from engine.errors import Diverged
from engine.metrics import ROWS
from engine.randomness import Purpose, key
from engine.state import TrainingState
from engine.stopping import Epoch, Metrics
from engine.training.diagnostics import diagnose
from engine.training.epoch_chunks import EpochChunk
from engine.training.epoch_monitor import EpochMonitor
from engine.training.events import EpochEnd, Event, Progress, Stopped
from engine.training.fresh_state import fresh_state
from engine.training.learning_rates import learning_rates
from engine.training.planning import Outline
from engine.training.run_program import compile_loop, restore_program, run_program
from engine.training.samples import RunSamples
from engine.training.time_slice import TimeSlice

__all__ = ["EpochEnd", "Event", "Progress", "Stopped", "Training"]


class Training:
    """One run of gradient descent, from new weights or from a state."""

    def __init__(
        self,
        outline: Outline,
        table: Table,
        *,
        state: TrainingState | None = None,
        epochs: int | None = None,
        threads: int | None = None,
    ) -> None:
        """Compile what the run needs, prepare its rows of ``table``, and take over the ``state``.

        ``epochs``, where given, end it before the schedule has run its course. It may use so many
        ``threads``, by default as many as there are processors. Raises InvalidState where the state
        belongs to another network or optimizer, and InvalidData, naming row and column, where a
        value cannot be used.
        """
        recipe, plan, seed = outline.recipe, outline.plan, outline.recipe.chosen.seed
        self.outline = outline
        self._recipe, self._plan = recipe, plan
        self._program = run_program(outline, threads)
        self._samples = RunSamples(table, outline)
        self._chunk = EpochChunk(self._program, plan.train_rows)
        self._run_key, self._shuffle = key(seed, Purpose.NOISE), key(seed, Purpose.SHUFFLE)
        self._time_slice, self._rate = TimeSlice(), 0.0
        self._pause_at: int | None = None
        self._before_last = np.zeros(plan.parameters if recipe.diagnostics else 0, recipe.dtype)
        state = state or fresh_state(recipe, outline.network, outline.task)
        restore_program(self._program, state)
        self._monitor = EpochMonitor(recipe, epochs or recipe.training.epochs, state)
        self._totals, self._first_step = state.totals.copy(), state.first_step
        self._epoch, self._step, self._position = state.epoch, state.step, state.position
        compile_loop(self._program, self._chunk, self._samples.train)

    @property
    def threads(self) -> int:
        """How many threads share the mini-batches."""
        return self._program.threads

    @property
    def epochs(self) -> int:
        """The largest number of epochs of the run."""
        return self._monitor.epochs

    @property
    def epochs_done(self) -> int:
        """The number of epochs that are over."""
        return self._epoch

    @property
    def steps_done(self) -> int:
        """The number of updates of the parameters so far."""
        return self._step

    @property
    def best(self) -> float | None:
        """The best monitored value so far, smaller being better; None if nothing was finite."""
        return self._monitor.best

    @property
    def fraction(self) -> float:
        """The fraction of all epochs that is over, from 0 to 1."""
        return (self._epoch + self._position / self._plan.steps_per_epoch) / self.epochs

    def pause_at(self, step: int | None) -> None:
        """Yield an event after so many updates, though none would be due; never if None."""
        self._chunk.roll_back()
        self._pause_at = step

    def events(self) -> Iterator[Event]:
        """Train, and yield the events; whoever asks for no more of them stops the run.

        Raises Diverged where a loss or a parameter is not finite.
        """
        self._chunk.roll_back()
        while (reason := self._monitor.stop_reason) is None:
            ahead = self._epochs_ahead()
            yield from self._several_epochs(ahead) if ahead > 1 else self._one_epoch()
        yield Stopped(reason)

    def _one_epoch(self) -> Iterator[Event]:
        """Train what is left of the current epoch, time slice by time slice."""
        started, worked = perf_counter(), 0.0
        order = self._order()
        while self._position < self._plan.steps_per_epoch:
            worked += self._some_steps(order)
            due = self._time_slice.is_over(worked) or self._step == self._pause_at
            if due and self._position < self._plan.steps_per_epoch:
                worked = 0.0
                yield Progress(self._epoch + 1, self._step, self.fraction)
        del order  # before the next one is made
        yield self._end_epoch(self._evaluate(), lambda: perf_counter() - started)

    def _several_epochs(self, count: int) -> Iterator[Event]:
        """Run ``count`` whole epochs as one chunk, and emit their events one by one.

        Where one of them ends the run, or changes the learning rate, those after it are void; one
        that could not be completed is run again alone, to find out where it diverges.
        """
        steps = self._plan.steps_per_epoch
        rates, started = self._rates(self._step, count * steps), perf_counter()
        completed = self._chunk.run_ahead(
            count,
            self._samples.train,
            self._samples.validation,
            step=self._step,
            epoch=self._epoch,
            rates=rates,
            run_key=self._run_key,
            shuffle=self._shuffle if self._recipe.training.shuffle else None,
        )
        spent = perf_counter() - started
        self._time_slice.took((completed or 1) * steps, spent)
        factor = self._monitor.factor
        for last in rates[steps - 1 : completed * steps : steps]:
            self._totals[:], validation_totals = self._chunk.next_epoch()
            self._step, self._rate = self._step + steps, float(last)
            yield self._end_epoch(validation_totals, lambda: spent / completed)
            void = self._monitor.stop_reason is not None or self._monitor.factor != factor
            if void or not self._chunk.is_ahead:
                break
        self._chunk.roll_back()
        if completed < count and self._monitor.stop_reason is None:
            yield from self._one_epoch()

    def snapshot(self) -> TrainingState:
        """A copy of the run as it is now; meant to be taken between two events."""
        theta, slots, scalars, state = (each.copy() for each in self._chunk.state())
        stopping, schedule = self._monitor.states()
        return TrainingState(
            theta=theta,
            slots=slots,
            scalars=scalars,
            layer_state=state,
            totals=self._totals.copy(),
            epoch=self._epoch,
            step=self._step,
            position=self._position,
            best=self._monitor.best,
            best_epoch=self._monitor.best_epoch,
            stopping=stopping,
            schedule=schedule,
            stop_reason=self._monitor.stop_reason,
            first_step=self._first_step,
        )

    def _order(self) -> NDArray[np.uint32]:
        rows = self._plan.train_rows
        if not self._recipe.training.shuffle:
            return np.arange(rows, dtype=np.uint32)
        return permutation(rows, self._shuffle, self._epoch)

    def _some_steps(self, order: NDArray[np.uint32]) -> float:
        """Take steps within the epoch for about a time slice; return the seconds that they took."""
        left = self._plan.steps_per_epoch - self._position
        count = min(self._time_slice.steps, left)
        if self._pause_at is not None and self._pause_at > self._step:
            count = min(count, self._pause_at - self._step)
        if self._diagnosing():
            # The last step is taken alone: its gradient and its update are what is looked at.
            count = 1 if left == 1 else min(count, left - 1)
            self._before_last[:] = self._program.theta
        rates, train = self._rates(self._step, count), self._samples.train
        started = perf_counter()
        done = self._program.train(
            train.x,
            train.targets,
            order,
            position=self._position,
            step=self._step,
            rates=rates,
            run_key=self._run_key,
            totals=self._totals,
            weights=train.weights,
        )
        seconds = perf_counter() - started
        self._position += done
        self._step += done
        self._rate = float(rates[-1])
        if done < count:
            raise self._diverged(self._step + 1 - self._first_step)
        self._time_slice.took(count, seconds)
        return seconds

    def _epochs_ahead(self) -> int:
        """How many epochs to run as one chunk: as many as fit into about a time slice.

        One that was begun is finished alone, and so is one with diagnostics; no chunk goes beyond a
        step to pause at.
        """
        steps = self._plan.steps_per_epoch
        if self._position:
            return 1
        count = min(
            self._time_slice.steps // steps, self._chunk.max_epochs, self.epochs - self._epoch
        )
        if self._pause_at is not None and self._pause_at > self._step:
            count = min(count, (self._pause_at - self._step) // steps)
        if (spec := self._recipe.diagnostics) is not None:
            count = min(count, spec.every - 1 - self._epoch % spec.every)
        return count

    def _rates(self, step: int, count: int) -> NDArray[np.float64]:
        """The learning rates of ``count`` steps from ``step``, which counts from 0, on."""
        steps = np.arange(step, step + count) - self._first_step
        per_epoch, factor = self._plan.steps_per_epoch, self._monitor.factor
        return learning_rates(self._recipe, steps, per_epoch, factor)

    def _end_epoch(self, validation: NDArray[np.float64], took: Callable[[], float]) -> EpochEnd:
        """End an epoch with these sums over the validation rows, and return its event.

        ``took`` gives the seconds of the epoch. Raises Diverged.
        """
        metrics = self._samples.metrics(self._totals, validation)
        self._check_finite(metrics)
        diagnostics = self._diagnose()
        samples = int(self._totals[ROWS])
        self._totals[:] = 0
        self._epoch, self._position = self._epoch + 1, 0
        seconds = took()
        improved = self._monitor.observe(Epoch(self._epoch, metrics, seconds))
        every = self._recipe.checkpoints.every
        return EpochEnd(
            epoch=self._epoch,
            fold=0,
            train=metrics["train"] or {},
            validation=metrics["validation"],
            learning_rate=self._rate,
            seconds=seconds,
            samples=samples,
            improved=improved,
            checkpoint_due=bool(every and self._epoch % every == 0),
            diagnostics=diagnostics,
        )

    def _diagnosing(self) -> bool:
        spec = self._recipe.diagnostics
        return spec is not None and (self._epoch + 1) % spec.every == 0

    def _diagnose(self) -> dict[str, Any] | None:
        spec = self._recipe.diagnostics
        if spec is None or not self._diagnosing():
            return None
        network = self.outline.network
        return diagnose(spec, self._program, network, self._before_last, self._samples.train.x)

    def _evaluate(self) -> NDArray[np.float64]:
        """The sums of an evaluation over the validation rows."""
        totals, samples = self._program.totals(), self._samples.validation
        self._program.evaluate(samples.x, samples.targets, totals)
        return totals

    def _check_finite(self, metrics: Metrics) -> None:
        validation = metrics["validation"]
        validation_loss = validation["loss"] if validation else 0.0
        theta = self._chunk.theta
        if not (isfinite(validation_loss) and isfinite(float(theta.sum(dtype=np.float64)))):
            raise self._diverged(self._step - self._first_step)

    def _diverged(self, step: int) -> Diverged:
        layer = self.outline.network.first_layer_not_finite(self._chunk.theta)
        return Diverged(self._epoch + 1, step, layer)
