"""Training in this process, by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

import engine
from engine.data.table import MatrixColumns
from trainyard.sklearn.network import WEIGHT, EpochLosses, Examples, Matrix, feature_names

Weights = tuple[NDArray[Any], NDArray[Any]]
"""Parameters, and running statistics."""


class InProcess:
    """Trains with so many threads, by default as many as there are processors."""

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads

    def train(self, members: Mapping[str, Any], examples: Examples) -> EngineNetwork:
        """The network at its best epoch. Raises ValueError for what cannot be trained."""
        try:
            return self._train(members, examples)
        except engine.EngineError as error:
            raise ValueError(error.message) from error
        except ValidationError as error:
            raise ValueError(_explained(error)) from error

    def _train(self, members: Mapping[str, Any], examples: Examples) -> EngineNetwork:
        table = _table(examples)
        targets = examples.targets
        task = engine.infer_task(table, targets[0] if len(targets) == 1 else targets, examples.kind)
        recipe = engine.resolve(_recipes().validate_python(dict(members)), task)
        outline = engine.outline(recipe, table, task)
        training = engine.Training(outline, table, threads=self.threads)
        best, losses = training.snapshot(), []
        for event in training.events():
            if isinstance(event, engine.EpochEnd):
                unseen = event.validation["loss"] if event.validation else None
                losses.append(EpochLosses(event.train["loss"], unseen))
                if event.improved:
                    best = training.snapshot()
        weights = best.theta, best.layer_state
        model = engine.Model(recipe, task, outline.preprocessor, *weights)
        return EngineNetwork(model, weights, losses)


class EngineNetwork:
    """A model of the engine; what is pickled of it are its weights, and how it was made."""

    def __init__(self, model: engine.Model, weights: Weights, losses: list[EpochLosses]) -> None:
        self.losses = losses
        self._model, self._weights = model, weights

    def answers(self, x: Matrix) -> NDArray[np.float64]:
        """Probabilities (rows, classes), or numbers (rows,) or (rows, targets)."""
        names = feature_names(x.shape[1])
        table = engine.Table(MatrixColumns(names, x), dict.fromkeys(names, "float"))
        told = self._model.predict(table)
        return np.asarray(told.values if told.probabilities is None else told.probabilities)

    def __reduce__(self) -> tuple[Any, ...]:
        model = self._model
        made = model.recipe, model.task.to_json(), model.preprocessor.to_json()
        return self._restored, (made, self._weights, self.losses)

    @classmethod
    def _restored(
        cls,
        made: tuple[engine.Recipe, dict[str, Any], dict[str, Any]],
        weights: Weights,
        losses: list[EpochLosses],
    ) -> Self:
        recipe, task, preprocessor = made
        model = engine.Model(
            recipe,
            engine.Task.from_json(task),
            engine.Preprocessor.from_json(preprocessor),
            *weights,
        )
        return cls(model, weights, losses)


def _table(examples: Examples) -> engine.Table:
    targets = examples.y.reshape(len(examples.y), -1).astype(np.float64)
    columns = dict(zip(examples.features, examples.x.T, strict=True))
    kinds: dict[str, Any] = dict.fromkeys(columns, "float")
    of_target = "integer" if examples.kind == "classification" else "float"
    columns |= dict(zip(examples.targets, targets.T, strict=True))
    kinds |= dict.fromkeys(examples.targets, of_target)
    if examples.weights is not None:
        columns[WEIGHT], kinds[WEIGHT] = examples.weights, "float"
    return engine.Table(columns, kinds)


def _explained(error: ValidationError) -> str:
    """A line for each member that does not fit: where it is, and what is wrong with it."""
    return "\n".join(
        f"{'.'.join(map(str, each['loc']))}: {each['msg']}, not {each['input']!r}"
        if each["type"] not in _TOLD_IN_FULL
        else f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
        for each in error.errors()
    )


_TOLD_IN_FULL = {"missing_argument", "unexpected_keyword_argument", "union_tag_invalid"}
"""Errors whose message needs no value beside it."""


@cache
def _recipes() -> TypeAdapter[engine.Recipe]:
    """What reads the members of a job, as the service does."""
    return TypeAdapter(engine.Recipe)
