"""The run that a recipe asks for: a training, a cross-validation or a range test."""

from __future__ import annotations

from dataclasses import replace

from engine.data.folds import CrossValidation
from engine.data.preprocessing import Preprocessor
from engine.data.table import Table
from engine.data.task import Task
from engine.data.validation import NoValidation
from engine.recipe import Recipe
from engine.state import TrainingState
from engine.training.cross_validation import CrossValidated
from engine.training.planning import outline
from engine.training.range_test_run import RangeTestRun
from engine.training.resources import Resources
from engine.training.run import Training

__all__ = ["Run", "start"]

Run = Training | CrossValidated | RangeTestRun
"""Every kind of run has events, snapshots and an outline."""


def start(
    recipe: Recipe,
    table: Table,
    task: Task,
    *,
    state: TrainingState | None = None,
    preprocessor: Preprocessor | None = None,
    validation_table: Table | None = None,
    resources: Resources | None = None,
) -> Run:
    """The training, cross-validation or range test that a resolved recipe asks for.

    From a ``state``, and for a single training with a ``preprocessor`` that was fitted before, and
    with another dataset to validate on. ``resources`` is what it may use of the machine.
    Raises InvalidSpec, InvalidData or InvalidState where these do not fit together.
    """
    resources = resources or Resources()
    if isinstance(recipe.validation, CrossValidation):
        return CrossValidated(recipe, table, task, state=state, resources=resources)
    if recipe.range_test is not None:
        unheld = replace(recipe, validation=NoValidation())
        made = outline(unheld, table, task, preprocessor=preprocessor)
        return RangeTestRun(made, table, state=state, threads=resources.threads)
    made = outline(
        recipe, table, task, preprocessor=preprocessor, validation_table=validation_table
    )
    return Training(made, table, state=state, threads=resources.threads)
