"""Gradient descent: the loop. It yields events, never prints and never stores.

Read ``Training.events`` first: it is the lecture's Algorithm 1 with its surroundings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from math import inf, isfinite
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.permutation import permutation
from engine.data.table import Table
from engine.errors import Diverged, InvalidState
from engine.metrics import ROWS, summarize
from engine.precompile.two_processes import compile_in_two
from engine.program.kernel_lists import program_kernels
from engine.program.program import Program
from engine.program.threads import available_cores
from engine.randomness import Purpose, key
from engine.state import TrainingState
from engine.stopping import Epoch, Metrics
from engine.training.diagnostics import diagnose
from engine.training.epoch_chunks import EpochChunk
from engine.training.events import EpochEnd, Event, Progress, Stopped
from engine.training.fresh_state import fresh_state
from engine.training.planning import Outline, capacity
from engine.training.samples import Samples
from engine.training.time_slice import TimeSlice

__all__ = ["EpochEnd", "Event", "Progress", "Stopped", "Training"]


class Training:
    """One run, from the start or from a state."""

    _epoch: int
    _step: int
    _position: int
    _stop_reason: str | None
    _schedule: dict[str, Any]

    def __init__(
        self,
        outline: Outline,
        table: Table,
        *,
        state: TrainingState | None = None,
        epochs: int | None = None,
        threads: int | None = None,
    ) -> None:
        """``epochs``, where given, end it before the schedule has run its course.

        It may use so many ``threads``, by default as many as there are processors.
        """
        recipe, plan = outline.recipe, outline.plan
        self.outline = outline
        self._recipe, self._plan, self._seed = recipe, plan, recipe.chosen.seed
        parts: dict[str, Any] = {
            "loss": recipe.chosen.loss,
            "task": outline.task.kind,
            "batch_size": plan.batch_size,
            "optimizer": recipe.optimizer,
            "regularizers": recipe.regularizers,
            "clipping": recipe.clipping,
            "augmentation": recipe.augmentation,
            "threads": threads or available_cores(),
        }
        compile_in_two(recipe.dtype, program_kernels(outline.network, **parts))
        self._program = Program(
            outline.network,
            dtype=recipe.dtype,
            capacity=capacity(plan.batch_size, plan.train_rows, plan.validation_rows),
            **parts,
        )
        self._train = Samples.of(table, outline, outline.split.train_indices, weighted=True)
        self._validation = None
        if plan.validation_rows:
            rows = outline.split.table_for_validation(table)
            self._validation = Samples.of(
                rows, outline, outline.split.validation_indices, weighted=False
            )
        self._validation_samples = self._validation or self._train.none()
        self._train_scale = self._train.scale(outline)
        self._validation_scale = self._validation.scale(outline) if self._validation else None
        self._chunk = EpochChunk(self._program, plan.train_rows)
        self._monitor = recipe.monitor()
        self._run_key = key(self._seed, Purpose.NOISE)
        self._shuffle = key(self._seed, Purpose.SHUFFLE)
        self._epochs = epochs or recipe.training.epochs
        self._time_slice, self._rate = TimeSlice(), 0.0
        self._pause_at: int | None = None
        self._before_last = np.zeros(plan.parameters if recipe.diagnostics else 0, recipe.dtype)
        self._restore(state or fresh_state(recipe, outline.network, outline.task))
        self._compile()

    @property
    def threads(self) -> int:
        """How many share its mini-batches."""
        return self._program.threads

    @property
    def epochs(self) -> int:
        """At the most."""
        return self._epochs

    @property
    def epochs_done(self) -> int:
        """Whole ones."""
        return self._epoch

    @property
    def steps_done(self) -> int:
        """Updates of the parameters."""
        return self._step

    @property
    def best(self) -> float | None:
        """The best monitored value so far, smaller being better; None if nothing was finite."""
        return self._best

    @property
    def fraction(self) -> float:
        """The part of all epochs that is behind us."""
        done = self._epoch + self._position / self._plan.steps_per_epoch
        return done / self._epochs

    def pause_at(self, step: int | None) -> None:
        """Give an event after so many updates, though none would be due; never if None."""
        self._chunk.roll_back()
        self._pause_at = step

    def events(self) -> Iterator[Event]:
        """Train, and tell; whoever stops asking stops the run. Raises Diverged."""
        self._chunk.roll_back()
        while self._stop_reason is None:
            ahead = self._epochs_ahead()
            yield from self._several_epochs(ahead) if ahead > 1 else self._one_epoch()
        yield Stopped(self._stop_reason)

    def _one_epoch(self) -> Iterator[Event]:
        """What is left of the epoch under way, slice by slice."""
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
            self._train,
            self._validation_samples,
            step=self._step,
            epoch=self._epoch,
            rates=rates,
            run_key=self._run_key,
            shuffle=self._shuffle if self._recipe.training.shuffle else None,
        )
        spent = perf_counter() - started
        self._time_slice.took((completed or 1) * steps, spent)
        factor = self._schedule.get("factor")
        for last in rates[steps - 1 : completed * steps : steps]:
            self._totals[:], validation_totals = self._chunk.next_epoch()
            self._step, self._rate = self._step + steps, float(last)
            yield self._end_epoch(validation_totals, lambda: spent / completed)
            void = self._stop_reason is not None or self._schedule.get("factor") != factor
            if void or not self._chunk.is_ahead:
                break
        self._chunk.roll_back()
        if completed < count and self._stop_reason is None:
            yield from self._one_epoch()

    def snapshot(self) -> TrainingState:
        """A copy of the run as it is now; meant to be taken between two events."""
        theta, slots, scalars, state = (each.copy() for each in self._chunk.state())
        return TrainingState(
            theta=theta,
            slots=slots,
            scalars=scalars,
            layer_state=state,
            totals=self._totals.copy(),
            epoch=self._epoch,
            step=self._step,
            position=self._position,
            best=self._best,
            best_epoch=self._best_epoch,
            stopping=deepcopy(self._stopping),
            schedule=deepcopy(self._schedule),
            stop_reason=self._stop_reason,
            first_step=self._first_step,
        )

    def _compile(self) -> None:
        """Walk no rows at all: whatever has to be compiled or loaded is, before any clock runs."""
        nothing, train = np.zeros(0), self._train
        self._program.train(
            train.x,
            train.targets,
            nothing.astype(np.uint32),
            position=0,
            step=0,
            rates=nothing,
            run_key=self._run_key,
            totals=self._program.totals(),
            weights=train.weights,
        )
        none = train.none()
        self._program.evaluate(none.x, none.targets, self._program.totals())
        if self._chunk.max_epochs > 1:
            self._chunk.run_ahead(
                0, train, none, step=0, epoch=0, rates=nothing, run_key=self._run_key, shuffle=None
            )

    def _restore(self, state: TrainingState) -> None:
        program = self._program
        for name, mine, other in (
            ("theta", program.theta, state.theta),
            ("slots", program.slots, state.slots),
            ("scalars", program.scalars, state.scalars),
            ("layer_state", program.state, state.layer_state),
        ):
            if mine.shape != other.shape or mine.dtype != other.dtype:
                raise InvalidState(
                    f"The state's {name} is {other.dtype}{list(other.shape)}, but this run needs "
                    f"{mine.dtype}{list(mine.shape)}: it belongs to another network or optimizer."
                )
            mine[...] = other
        self._totals = state.totals.copy()
        self._epoch, self._step, self._position = state.epoch, state.step, state.position
        self._best, self._best_epoch = state.best, state.best_epoch
        self._stopping, self._schedule = deepcopy(state.stopping), deepcopy(state.schedule)
        self._stop_reason, self._first_step = state.stop_reason, state.first_step

    def _order(self) -> NDArray[np.uint32]:
        rows = self._plan.train_rows
        if not self._recipe.training.shuffle:
            return np.arange(rows, dtype=np.uint32)
        return permutation(rows, self._shuffle, self._epoch)

    def _some_steps(self, order: NDArray[np.uint32]) -> float:
        """Advance within the epoch for about a time slice; return the seconds it took."""
        left = self._plan.steps_per_epoch - self._position
        count = min(self._time_slice.steps, left)
        if self._pause_at is not None and self._pause_at > self._step:
            count = min(count, self._pause_at - self._step)
        if self._diagnosing():
            # The last step is taken alone: its gradient and its update are what is looked at.
            count = 1 if left == 1 else min(count, left - 1)
            self._before_last[:] = self._program.theta
        rates = self._rates(self._step, count)
        started = perf_counter()
        done = self._program.train(
            self._train.x,
            self._train.targets,
            order,
            position=self._position,
            step=self._step,
            rates=rates,
            run_key=self._run_key,
            totals=self._totals,
            weights=self._train.weights,
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
        """How many epochs to walk together: about a time slice of them, and none to be looked at.

        Not one that was begun, none beyond where a pause is wanted, none with diagnostics.
        """
        steps = self._plan.steps_per_epoch
        if self._position:
            return 1
        count = min(
            self._time_slice.steps // steps, self._chunk.max_epochs, self._epochs - self._epoch
        )
        if self._pause_at is not None and self._pause_at > self._step:
            count = min(count, (self._pause_at - self._step) // steps)
        if (spec := self._recipe.diagnostics) is not None:
            count = min(count, spec.every - 1 - self._epoch % spec.every)
        return count

    def _rates(self, step: int, count: int) -> NDArray[np.float64]:
        """The learning rates of ``count`` steps from ``step``, which counts from 0, on."""
        steps = np.arange(step, step + count) - self._first_step
        times = steps / self._plan.steps_per_epoch
        factors = self._recipe.schedule.factors(
            times, self._recipe.training.epochs, self._plan.steps_per_epoch
        )
        rate = self._recipe.optimizer.learning_rate * self._schedule.get("factor", 1.0)
        return np.asarray(rate * factors, np.float64)

    def _end_epoch(
        self, validation_totals: NDArray[np.float64], took: Callable[[], float]
    ) -> EpochEnd:
        """Look at an epoch by its totals, and those of the validation rows."""
        kind, validation = self.outline.task.kind, None
        if self._validation is not None:
            validation = summarize(kind, validation_totals, self._validation_scale)
        metrics: Metrics = {
            "train": summarize(kind, self._totals, self._train_scale),
            "validation": validation,
        }
        self._check_finite(metrics)
        diagnostics = self._diagnose()
        samples = int(self._totals[ROWS])
        self._totals[:] = 0
        self._epoch, self._position = self._epoch + 1, 0
        seconds = took()
        improved = self._judge(metrics, seconds)
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
        return diagnose(spec, self._program, network, self._before_last, self._train.x)

    def _evaluate(self) -> NDArray[np.float64]:
        totals = self._program.totals()
        self._program.evaluate(self._validation_samples.x, self._validation_samples.targets, totals)
        return totals

    def _judge(self, metrics: Metrics, seconds: float) -> bool:
        """Whether this epoch is the best so far; and let rules and schedule look at it.

        The first epoch always is, also where what is monitored is not a number.
        """
        value = self._monitor.read(metrics)
        improved = self._best_epoch is None or value < (inf if self._best is None else self._best)
        if improved:
            self._best, self._best_epoch = (value if isfinite(value) else None), self._epoch
        epoch = Epoch(self._epoch, metrics, seconds)
        fired = [
            rule.kind_name()
            for rule, state in zip(self._recipe.stopping, self._stopping, strict=True)
            if rule.observe(state, epoch)
        ]
        self._recipe.schedule.observe(self._schedule, metrics)
        if fired:
            self._stop_reason = fired[0]
        elif self._epoch >= self._epochs:
            self._stop_reason = "completed"
        return improved

    def _check_finite(self, metrics: Metrics) -> None:
        validation = metrics["validation"]
        validation_loss = validation["loss"] if validation else 0.0
        theta = self._chunk.theta
        if not (isfinite(validation_loss) and isfinite(float(theta.sum(dtype=np.float64)))):
            raise self._diverged(self._step - self._first_step)

    def _diverged(self, step: int) -> Diverged:
        layer = self.outline.network.first_layer_not_finite(self._chunk.theta)
        return Diverged(self._epoch + 1, step, layer)
