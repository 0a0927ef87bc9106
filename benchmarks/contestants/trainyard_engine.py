"""Trainyard's engine, called as a job calls it: the events of one training."""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from benchmarks.case import SEED, Case, plain
from benchmarks.contestants.base import Epoch
from benchmarks.handed import Handed
from benchmarks.shapes import Shape
from engine import (
    Activation,
    Dense,
    Dropout,
    EpochEnd,
    Event,
    Layer,
    NetworkSpec,
    NoValidation,
    Optimizer,
    Outline,
    Preprocessing,
    Recipe,
    Regularizer,
    Table,
    Training,
    TrainingSpec,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Linear, ReLU, Tanh
from engine.data.preprocessing_specs import Numeric
from engine.layers import Activate, BatchNorm
from engine.regularizers import L1, L2

ACTIVATIONS: dict[str, Activation] = {"tanh": Tanh(), "relu": ReLU()}
ENDLESS = 1_000_000


def layers(case: Case) -> list[Layer]:
    """The hidden layers, with what the case puts between them."""
    activation = ACTIVATIONS[case.shape.activation]
    made: list[Layer] = []
    for units in case.shape.hidden:
        if case.batch_norm:
            made += [Dense(units=units, activation=Linear()), BatchNorm()]
            made += [Activate(activation=activation)]
        else:
            made += [Dense(units=units, activation=activation)]
        made += [Dropout(rate=case.dropout)] if case.dropout else []
    return made


def optimizer(case: Case) -> Optimizer:
    members = {member.kind_name(): member for member in Optimizer.members()}
    made = members[case.optimizer["kind"]](**case.optimizer)
    assert isinstance(made, Optimizer)
    return made


def regularizers(case: Case) -> list[Regularizer]:
    strength = case.strength
    made: dict[str, list[Regularizer]] = {
        "none": [],
        "l1_proximal": [L1(strength=strength, method="proximal")],
        "l1_subgradient": [L1(strength=strength, method="subgradient")],
        "l2": [L2(strength=strength)],
    }
    return made[case.penalty]


def recipe(case: Case, epochs: int = ENDLESS, *, shuffle: bool = True) -> Recipe:
    return Recipe(
        network=NetworkSpec(layers=layers(case)),
        optimizer=optimizer(case),
        regularizers=regularizers(case),
        training=TrainingSpec(
            epochs=epochs,
            batch_size=case.shape.batch_size,
            seed=SEED,
            precision=case.precision,
            shuffle=shuffle,
        ),
        validation=NoValidation(),
        preprocessing=Preprocessing(numeric=Numeric(scale="none")),
    )


def table(inputs: np.ndarray, labels: np.ndarray) -> Table:
    """Rows as named columns; the names of classes are in the order of their numbers."""
    columns = {f"x{index}": column for index, column in enumerate(inputs.T)}
    return Table.from_columns(columns | {"label": np.array([f"class {n:04}" for n in labels])})


def outlined(recipe: Recipe, data: Table) -> Outline:
    task = infer_task(data, "label")
    return outline(resolve(recipe, task), data, task)


def prepare(shape: Shape, epochs: int, threads: int | None = None) -> Training:
    """A training of so many epochs on the shape's data, prepared as a job prepares it."""
    data = table(*shape.data())
    standardized = replace(recipe(plain(shape), epochs), preprocessing=Preprocessing())
    return Training(outlined(standardized, data), data, threads=threads)


class Engine:
    """A new ``Training`` each time; what it tells of an epoch is its loss."""

    def __init__(self, handed: Handed) -> None:
        self._case = handed.case
        self._table = table(handed.inputs, handed.labels)

    def train(self, *, shuffle: bool) -> Iterator[Epoch]:
        planned = outlined(recipe(self._case, shuffle=shuffle), self._table)
        return _amortized(Training(planned, self._table).events())


def _amortized(events: Iterator[Event]) -> Iterator[Epoch]:
    """Epochs that are walked together and told one by one, each with its share of the time.

    An event that comes sooner than its epoch takes was only told, and that is added to the time of
    the walk. One that came with a walk of several epochs was told as quickly as the one before.
    """
    telling: float | None = None
    start = perf_counter()
    for event in events:
        if not isinstance(event, EpochEnd):
            continue
        passed = perf_counter() - start
        if passed < event.seconds:
            telling = passed
        seconds = passed if telling is None else event.seconds + telling
        yield Epoch(seconds, event.train["loss"])
        start = perf_counter()


TRAINER = Engine
