"""Does beforehand what every job would wait for: imports, kernels, the first connection."""

from __future__ import annotations

import numpy as np
from sqlalchemy import text

from engine.data.table import Table
from engine.data.task import infer_task
from engine.model import Model
from engine.recipe import Recipe
from engine.resolution import resolve
from engine.training.planning import outline
from engine.training.run import Training
from service.database.sessions import Database
from service.recipes import recipe_from_json
from service.worker.fingerprint import fingerprint

COMMON: tuple[tuple[str, str], ...] = (("class", "float32"), ("value", "float32"))
"""Targets and precisions whose kernels nearly every job needs."""


def warm_up(database: Database) -> None:
    """Train and ask tiny networks of the common kernels, and open a connection."""
    table = _table()
    for target, precision in COMMON:
        task = infer_task(table, target)
        plan = outline(resolve(_recipe(precision), task), table.select([*FEATURES, target]), task)
        training = Training(plan, table)
        for _ in training.events():
            training.snapshot().to_bytes()
        # So that whoever asks a model first, in whichever process, finds the kernels on the disk.
        model = Model.from_state(plan.recipe, task, plan.preprocessor, training.snapshot())
        model.predict(table)
    fingerprint()
    with database.read() as session:
        session.execute(text("SELECT 1"))


FEATURES = ("x", "y")
ROWS = 40


def _recipe(precision: str) -> Recipe:
    layers = [
        {"kind": "dense", "units": 4, "activation": activation} for activation in ("relu", "tanh")
    ]
    return recipe_from_json(
        {
            "network": {"layers": layers},
            "training": {"epochs": 2, "seed": 0, "precision": precision},
        }
    )


def _table() -> Table:
    angles = np.linspace(0.0, 6.0, ROWS)
    return Table(
        columns={
            "x": np.cos(angles),
            "y": np.sin(angles),
            "class": np.arange(ROWS) % 3.0,
            "value": np.sin(2 * angles),
        },
        kinds={"x": "float", "y": "float", "class": "integer", "value": "float"},
    )
