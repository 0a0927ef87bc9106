"""A model: a trained network with its preprocessing. Raw rows in, answers out."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import tensors
from engine.data.preprocessing import Preprocessor
from engine.data.table import Rows, Table
from engine.data.task import EVEN_ODDS, Label, Task
from engine.errors import InvalidState
from engine.program.network import Network
from engine.program.program import Program
from engine.recipe import Recipe
from engine.state import TrainingState

__all__ = ["Model", "Prediction"]

ROWS_AT_A_TIME = 256
"""Rows that go through the network together."""
ROWS_PREPARED = 1 << 12
"""Rows that are prepared together."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Answers for rows: ``values`` are classes, or numbers in the target's own units.

    ``probabilities`` (rows, classes) is in the order of ``classes``; None for regression. Of
    several targets each value is a list in their order, and ``probabilities`` (rows, targets) are
    those of the second class.
    """

    values: list[Label] | list[list[Label]]
    probabilities: NDArray[np.float64] | None
    classes: tuple[Label, ...]


class Model:
    """A trained network that predicts from raw rows; threads may share it, and take turns."""

    def __init__(
        self,
        recipe: Recipe,
        task: Task,
        preprocessor: Preprocessor,
        theta: NDArray[Any],
        layer_state: NDArray[Any],
    ) -> None:
        chosen = recipe.chosen
        self.recipe, self.task, self.preprocessor = recipe, task, preprocessor
        self.network = Network(
            recipe.network, preprocessor.width, task.outputs, chosen.output_activation
        )
        self._program = Program(
            self.network,
            loss=chosen.loss,
            task=task.kind,
            dtype=recipe.dtype,
            capacity=ROWS_AT_A_TIME,
        )
        for mine, other in ((self._program.theta, theta), (self._program.state, layer_state)):
            if mine.shape != other.shape or mine.dtype != other.dtype:
                raise InvalidState("These weights belong to another network.")
            mine[:] = other
        self._lock = Lock()

    @classmethod
    def from_state(
        cls, recipe: Recipe, task: Task, preprocessor: Preprocessor, state: TrainingState
    ) -> Model:
        """The model that a training was at the moment of a state.

        Raises InvalidState where the state belongs to another network.
        """
        return cls(recipe, task, preprocessor, state.theta, state.layer_state)

    def predict(self, table: Table, rows: Rows | None = None) -> Prediction:
        """Answers for rows of raw columns, or all of them; the target need not be among them.

        Raises InvalidData, naming row and column, where a column is missing or of a wrong kind.
        """
        count = table.rows if rows is None else len(rows)
        outputs = np.empty((count, self.network.outputs), self.recipe.dtype)
        # A portion at a time, which is still in the processor's cache when it is multiplied.
        prepared = self.preprocessor.prepared(table, self.recipe.dtype, rows, ROWS_PREPARED)
        for place, x in prepared:
            outputs[place] = self.outputs(x)
        return self.answers(outputs)

    def outputs(self, x: NDArray[Any]) -> NDArray[Any]:
        """What the network gives for prepared rows, shape (rows, outputs).

        ``x`` is C-contiguous, (rows, features), in the recipe's precision, as
        ``preprocessor.transform`` gives it.
        """
        with self._lock:
            return self._program.predict(x)

    def answers(self, outputs: NDArray[Any]) -> Prediction:
        """The predictions that outputs of the network, shape (rows, outputs), stand for."""
        if self.task.kind == "regression":
            numbers = self.preprocessor.decode(outputs)
            return Prediction((numbers[:, 0] if self.task.target else numbers).tolist(), None, ())
        probabilities, classes = outputs.astype(np.float64), self.task.classes
        if self.task.kind == "multilabel":
            codes = (outputs >= EVEN_ODDS).astype(int).tolist()
            labels = [[classes[k] for k in row] for row in codes]
            return Prediction(labels, probabilities, classes)
        if self.task.kind == "binary":
            probabilities = np.hstack([1.0 - probabilities, probabilities])
            best = (outputs[:, 0] >= EVEN_ODDS).astype(int).tolist()
        else:
            best = outputs.argmax(axis=1).tolist()
        return Prediction([classes[k] for k in best], probabilities, classes)

    def weights(self) -> dict[str, NDArray[Any]]:
        """Every parameter by name: "layers.0.weight" (units, inputs), "layers.0.bias", ..."""
        return self.network.named(self._program.theta)

    def to_bytes(self, document: Any = None) -> bytes:
        """Parameters and running statistics by name, as a safetensors file with a document."""
        statistics = self.network.named_state(self._program.state)
        return tensors.write(self.weights() | statistics, document)
