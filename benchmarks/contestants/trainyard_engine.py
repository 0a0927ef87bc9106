"""Trainyard's engine, called as a job calls it: events of one training after another."""

import sys
from collections.abc import Iterator
from time import perf_counter

import numpy as np

from benchmarks.shapes import Shape
from engine import EpochEnd, Recipe, Table, Training, infer_task, outline, resolve
from engine.data import NoValidation
from engine.layers import Dense
from engine.network import Network
from engine.optimizers import Adam
from engine.preprocessing import Preprocessing
from engine.training import TrainingOptions


def recipe(shape: Shape, epochs: int, dtype: str = "float32") -> Recipe:
    return Recipe(
        network=Network(
            layers=[Dense(units=units, activation=shape.activation) for units in shape.hidden]
        ),
        optimizer=Adam(learning_rate=0.001),
        training=TrainingOptions(
            epochs=epochs, batch_size=shape.batch_size, seed=0, precision=dtype
        ),
        validation=NoValidation(),
        preprocessing=Preprocessing(),
    )


def table(shape: Shape) -> Table:
    """The shape's data as named columns."""
    inputs, labels = shape.data()
    columns = {f"x{index}": column for index, column in enumerate(inputs.T)}
    return Table.of(columns | {"label": np.array([f"c{label}" for label in labels])})


def epochs(shape: Shape) -> Iterator[float]:
    """Seconds of one epoch after another."""
    data = table(shape)
    task = infer_task(data, "label")
    training = Training(outline(resolve(recipe(shape, sys.maxsize), task), data, task), data)
    start = perf_counter()
    for event in training.events():
        if isinstance(event, EpochEnd):
            yield perf_counter() - start
            start = perf_counter()
