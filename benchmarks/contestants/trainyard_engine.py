"""Trainyard's engine, called as a job calls it: the events of one training."""

from collections.abc import Iterator
from time import perf_counter

import numpy as np

from benchmarks.shapes import Shape
from engine import (
    Activation,
    Adam,
    Dense,
    EpochEnd,
    Layer,
    NetworkSpec,
    NoValidation,
    Recipe,
    Table,
    Training,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)
from engine.activations import ReLU, Tanh

ACTIVATIONS: dict[str, Activation] = {"tanh": Tanh(), "relu": ReLU()}
ENDLESS = 1_000_000


def recipe(shape: Shape, epochs: int) -> Recipe:
    activation = ACTIVATIONS[shape.activation]
    layers: list[Layer] = [Dense(units=units, activation=activation) for units in shape.hidden]
    return Recipe(
        network=NetworkSpec(layers=layers),
        optimizer=Adam(learning_rate=0.001),
        training=TrainingSpec(epochs=epochs, batch_size=shape.batch_size, seed=0),
        validation=NoValidation(),
    )


def table(shape: Shape) -> Table:
    """The shape's data as named columns."""
    inputs, labels = shape.data()
    columns = {f"x{index}": column for index, column in enumerate(inputs.T)}
    return Table.from_columns(columns | {"label": np.array([f"class {n}" for n in labels])})


def prepare(shape: Shape, epochs: int) -> Training:
    data = table(shape)
    task = infer_task(data, "label")
    return Training(outline(resolve(recipe(shape, epochs), task), data, task), data)


def epochs(shape: Shape) -> Iterator[float]:
    """Seconds of one epoch after another."""
    start = perf_counter()
    for event in prepare(shape, ENDLESS).events():
        if isinstance(event, EpochEnd):
            yield perf_counter() - start
            start = perf_counter()
