"""Small tables and programs for the tests of the engine: the same from every seed, every time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import (
    EpochEnd,
    Layer,
    Loss,
    Network,
    NetworkSpec,
    Optimizer,
    Recipe,
    Regularizer,
    Stopped,
    Table,
    Training,
    TrainingState,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Activation, Linear
from engine.losses import TaskKind
from engine.optimizers import SGD
from engine.program.program import Program

__all__ = [
    "FLOAT64",
    "Run",
    "classes_table",
    "gradient_program",
    "labels_table",
    "quantities_table",
    "regression_table",
    "run",
    "start",
    "targets_for",
]

FLOAT64 = np.dtype("float64")
CLASSES = ("red", "green", "blue", "white")


def regression_table(rows: int = 40, features: int = 3, seed: int = 0) -> Table:
    """A smooth positive function of a few numbers, with noise; the target is called y."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, features))
    y = 6.0 + 2.0 * np.sin(x[:, 0]) - x[:, -1] + 0.1 * random.normal(size=rows)
    return Table.from_columns({**{f"x{j}": x[:, j] for j in range(features)}, "y": y})


def classes_table(rows: int = 40, classes: int = 3, features: int = 3, seed: int = 0) -> Table:
    """Overlapping clouds, one for each class, in turn; the target is called y."""
    random = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    x = random.normal(size=(rows, features)) + 1.5 * labels[:, np.newaxis] * np.array(
        [(-1.0) ** j for j in range(features)]
    )
    names = [CLASSES[label] for label in labels]
    return Table.from_columns({**{f"x{j}": x[:, j] for j in range(features)}, "y": names})


def quantities_table(rows: int = 40, seed: int = 0) -> Table:
    """Two numbers to predict, y and y2, of very different sizes."""
    table = regression_table(rows, seed=seed)
    y2 = 1000.0 * table.columns["x0"] - 500.0 * np.cos(table.columns["x1"])
    return Table.from_columns({**table.columns, "y2": y2})


def labels_table(rows: int = 40, seed: int = 0) -> Table:
    """Two labels to give, y and y2: whether either of two numbers is positive, with noise."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3))
    noisy = x[:, :2] + 0.3 * random.normal(size=(rows, 2))
    columns = {f"x{j}": x[:, j] for j in range(3)}
    return Table.from_columns({**columns, "y": noisy[:, 0] > 0, "y2": noisy[:, 1] > 0})


@dataclass(frozen=True)
class Run:
    """A finished run: every epoch, why it ended, and where."""

    training: Training
    epochs: tuple[EpochEnd, ...]
    reason: str
    state: TrainingState
    snapshots: tuple[TrainingState, ...]


def start(recipe: Recipe, table: Table, state: TrainingState | None = None) -> Training:
    """A training on the column y, and on others whose names begin with it."""
    targets = [name for name in table.columns if name.startswith("y")]
    task = infer_task(table, targets if len(targets) > 1 else "y")
    return Training(outline(resolve(recipe, task), table, task), table, state=state)


def run(recipe: Recipe, table: Table, state: TrainingState | None = None) -> Run:
    """Train to the end; ``snapshots`` has the state at every event."""
    training = start(recipe, table, state)
    events, snapshots = [], []
    for event in training.events():
        events.append(event)
        snapshots.append(training.snapshot())
    *_, last = events
    assert isinstance(last, Stopped)
    return Run(
        training,
        tuple(event for event in events if isinstance(event, EpochEnd)),
        last.reason,
        snapshots[-1],
        tuple(snapshots),
    )


def targets_for(task: TaskKind, random: np.random.Generator, rows: int) -> NDArray[np.float64]:
    """Targets as the preprocessing encodes them, shape (rows, targets)."""
    if task == "regression":
        return random.normal(size=(rows, 1))
    if task == "multilabel":
        return random.integers(0, 2, (rows, outputs_for(task))).astype(float)
    return random.integers(0, outputs_for(task), (rows, 1)).astype(float)


def outputs_for(task: TaskKind) -> int:
    """How many outputs the networks of these tests have: three classes, two labels, or one."""
    return {"multiclass": 3, "multilabel": 2}.get(task, 1)


def gradient_program(
    layers: Sequence[Layer] = (),
    *,
    task: TaskKind,
    loss: Loss,
    inputs: int = 3,
    output_activation: Activation | None = None,
    regularizers: Sequence[Regularizer] = (),
    optimizer: Optimizer | None = None,
    capacity: int = 5,
    batch_size: int = 5,
    dtype: np.dtype[Any] = FLOAT64,
    seed: int = 0,
) -> Program:
    """A network with every parameter drawn at random (biases too), ready to train."""
    network = Network(
        NetworkSpec(layers=list(layers)), inputs, outputs_for(task), output_activation or Linear()
    )
    program = Program(
        network,
        loss=loss,
        task=task,
        dtype=dtype,
        capacity=capacity,
        batch_size=batch_size,
        optimizer=optimizer or SGD(),
        regularizers=regularizers,
    )
    random = np.random.default_rng(seed)
    program.theta[:] = random.normal(size=program.theta.size)
    for name, place in network.places.items():
        if name.endswith("weight"):
            place.view(program.theta)[:] /= np.sqrt(place.block.shape[1])
    program.state[:] = random.uniform(0.5, 1.5, program.state.size)
    return program
