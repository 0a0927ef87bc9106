"""A study: a network set up as its training had it at one moment, ready to be looked into."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.data.preprocessing import Preprocessor
from engine.data.table import Table
from engine.data.task import Task
from engine.errors import InvalidState
from engine.kernels import random_bits
from engine.metrics import Scale, summarize
from engine.optimizers import SGD
from engine.program.network import Network
from engine.program.program import Program
from engine.randomness import Purpose, key
from engine.recipe import Recipe
from engine.state import TrainingState
from engine.training.planning import trained_network

__all__ = ["InspectedModel"]


@dataclass(frozen=True, eq=False)
class InspectedModel:
    """What made a model, and the state that its training had then.

    Its network is the one that was trained: the last activation is left to the loss where the loss
    contains it, so what it gives are scores, and the loss makes predictions of them.
    """

    recipe: Recipe
    task: Task
    preprocessor: Preprocessor
    state: TrainingState

    @cached_property
    def network(self) -> Network:
        """The layout of the network."""
        return trained_network(self.recipe, self.preprocessor.width, self.task)

    @property
    def work_per_row(self) -> int:
        """Numbers that are multiplied or written to feed one row forward, or back."""
        return self.network.parameters + self.network.row_buffers()

    @property
    def numbers(self) -> int:
        """Numbers that a program with the optimizer's memory holds, besides those of its rows."""
        return self.network.parameters * (2 + len(self.recipe.optimizer.slots()))

    @property
    def step(self) -> int:
        """The number of the next update; the first one of a training is 1."""
        return self.state.step + 1

    @property
    def steps_per_epoch(self) -> int | None:
        """How many updates an epoch had; None before the end of the first one."""
        state = self.state
        done = state.step - state.first_step - state.position
        return done // state.epoch if state.epoch else None

    @property
    def step_key(self) -> np.uint64:
        """The key of the noise that the next update of the training would meet."""
        with np.errstate(over="ignore"):  # a hash: its sums wrap around
            return random_bits(key(self.recipe.chosen.seed, Purpose.NOISE), np.uint64(self.step))

    def learning_rate(self, steps_per_epoch: int) -> float:
        """The rate eta of the next update, by the job's own schedule."""
        time = np.array([(self.state.step - self.state.first_step) / steps_per_epoch])
        recipe = self.recipe
        (factor,) = recipe.schedule.factors(time, recipe.training.epochs, steps_per_epoch)
        return float(
            recipe.optimizer.learning_rate * self.state.schedule.get("factor", 1.0) * factor
        )

    def samples(
        self, table: Table, dtype: DTypeLike | None = None
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Inputs (rows, features) and targets (rows, targets) of raw rows that have the target.

        Raises InvalidData, naming row and column, where one does not fit.
        """
        wanted = self.recipe.dtype if dtype is None else dtype
        return (
            self.preprocessor.transform(table, wanted),
            self.preprocessor.encode_target(table, wanted),
        )

    def answers(self, program: Program, x: NDArray[Any]) -> NDArray[np.float64]:
        """Predictions for prepared rows, as the loss sees them: (rows, outputs).

        Probabilities (of the second of two classes alone), or numbers in the scale of training.
        """
        parts = []
        for start in range(0, len(x), program.capacity):
            part = x[start : start + program.capacity]
            program.load(part, np.zeros((len(part), 1)))  # what the target is does not matter
            program.forward(np.uint64(0), training=False)
            program.loss()
            parts.append(program.prediction.astype(np.float64))
        return np.concatenate(parts)

    def metrics(self, program: Program, x: NDArray[Any], targets: NDArray[Any]) -> dict[str, float]:
        """Loss and measures over prepared rows, by the names and rules of an epoch's."""
        totals = program.totals()
        program.evaluate(x, targets, totals)
        regression = self.task.kind == "regression"
        scale = Scale(self.preprocessor.target_units, targets) if regression else None
        return summarize(self.task.kind, totals, scale)

    def program(
        self, capacity: int, dtype: np.dtype[Any] | None = None, *, bare: bool = False
    ) -> Program:
        """The network with its parameters, for so many rows at a time.

        With the job's optimizer and what that remembers, its regularizers and its clipping; or
        ``bare``, where a gradient is that of the loss alone. In the job's precision, or another.
        Raises InvalidState if the state belongs to another network.
        """
        recipe, state = self.recipe, self.state
        program = Program(
            self.network,
            loss=recipe.chosen.loss,
            task=self.task.kind,
            dtype=dtype or recipe.dtype,
            capacity=capacity,
            batch_size=capacity,
            optimizer=SGD() if bare else recipe.optimizer,
            regularizers=() if bare else recipe.regularizers,
            clipping=None if bare else recipe.clipping,
        )
        _copy(state.theta, program.theta)
        _copy(state.layer_state, program.state)
        if not bare:
            _copy(state.slots, program.slots)
            _copy(state.scalars, program.scalars)
        return program


def _copy(given: NDArray[Any], to: NDArray[Any]) -> None:
    if given.shape != to.shape:
        raise InvalidState("This state belongs to another network or optimizer.")
    to[...] = given
