"""Teams of threads: the same bits for any size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine import (
    Dense,
    Layer,
    NetworkSpec,
    Optimizer,
    Recipe,
    Training,
    TrainingSpec,
    families,
    infer_task,
    outline,
    resolve,
)
from engine.activations import Linear
from engine.augmentation import Mixup
from engine.clipping import ClipNorm
from engine.layers import BatchNorm, Dropout, GaussianNoise, LayerNorm
from engine.program.network import Network
from engine.program.threads import ThreadContext, ThreadTeam, partition, thread_count
from engine.program.unit_parallelism import is_unit_parallel
from engine.regularizers import L1, L2, MaxNorm
from engine.training.events import EpochEnd
from tests.engine.samples import classes_table, regression_table

WIDE: list[Layer] = [
    Dropout(rate=0.2),
    Dense(units=300),
    LayerNorm(),
    GaussianNoise(deviation=0.1),
    Dense(units=300, use_bias=False),
]
RECIPE = Recipe(
    network=NetworkSpec(layers=WIDE),
    training=TrainingSpec(epochs=2, batch_size=100, seed=3),
)


def trained(recipe: Recipe, threads: int, table: Any = None) -> tuple[bytes, list[Any], Training]:
    """All that is left after training, what was told of the epochs, and the run."""
    table = classes_table(rows=330, features=20) if table is None else table
    task = infer_task(table, "y")
    training = Training(outline(resolve(recipe, task), table, task), table, threads=threads)
    told = [
        (event.train, event.validation)
        for event in training.events()
        if isinstance(event, EpochEnd)
    ]
    return training.snapshot().to_bytes(), told, training


@pytest.mark.parametrize("threads", [2, 3, 5])
def test_any_team_gives_the_bits_of_one_thread(threads: int) -> None:
    alone, told_alone, _ = trained(RECIPE, 1)
    together, told_together, training = trained(RECIPE, threads)
    assert training.threads == threads
    assert (together, told_together) == (alone, told_alone)


@pytest.mark.parametrize("threads", [2, 3])
def test_layers_side_by_side_whose_units_are_shared(threads: int) -> None:
    """The first of them too, beyond which nothing is sent back."""
    layers: list[Layer] = [Dense(units=300), Dense(units=300), Dense(units=1)]
    recipe = replace(RECIPE, network=NetworkSpec(layers=layers))
    network = Network(recipe.network, 300, 3, Linear())
    assert [step.layer for step in network.nodes if is_unit_parallel(step, 100, threads)] == [
        "layers.0",
        "layers.1",
    ]
    table = classes_table(rows=330, features=300)
    assert trained(recipe, threads, table)[:2] == trained(recipe, 1, table)[:2]


@pytest.mark.parametrize("optimizer", families()["optimizer"], ids=lambda kind: kind.kind_name())
def test_with_every_optimizer(optimizer: type[Optimizer]) -> None:
    batch_size = 1000 if optimizer.full_batch else 100
    recipe = replace(
        RECIPE,
        optimizer=optimizer(learning_rate=0.01),
        training=TrainingSpec(epochs=3, batch_size=batch_size, seed=3),
    )
    assert trained(recipe, 2)[:2] == trained(recipe, 1)[:2]


def test_with_what_looks_at_everything_at_once() -> None:
    recipe = replace(
        RECIPE,
        regularizers=[L1(strength=0.001), L2(strength=0.01), MaxNorm(limit=1.0)],
        clipping=ClipNorm(limit=0.5),
        augmentation=[Mixup()],
    )
    assert trained(recipe, 2)[:2] == trained(recipe, 1)[:2]


def test_numbers_to_predict() -> None:
    table = regression_table(rows=330, features=20)
    assert trained(RECIPE, 3, table)[:2] == trained(RECIPE, 1, table)[:2]


def test_a_run_goes_on_with_another_number_of_threads() -> None:
    whole, _, _ = trained(RECIPE, 1)
    table = classes_table(rows=330, features=20)
    task = infer_task(table, "y")
    made = outline(resolve(RECIPE, task), table, task)
    first = Training(made, table, threads=3)
    next(iter(first.events()))
    rest = Training(made, table, state=first.snapshot(), threads=2)
    assert len(list(rest.events())) > 0
    assert rest.snapshot().to_bytes() == whole


def test_small_networks_and_coupled_rows_stay_alone() -> None:
    small = Network(NetworkSpec(layers=[Dense(units=4)]), 3, 1, Linear())
    large = NetworkSpec(layers=[Dense(units=500)])
    coupled = NetworkSpec(layers=[Dense(units=500), BatchNorm()])
    assert thread_count(small, rows=32, threads=8) == 1
    assert thread_count(Network(large, 500, 1, Linear()), rows=64, threads=2) == 2
    assert thread_count(Network(large, 500, 1, Linear()), rows=2, threads=8) == 1
    assert thread_count(Network(coupled, 500, 1, Linear()), rows=64, threads=8) == 1


def test_units_are_shared_where_there_are_more_weights_than_numbers_of_rows() -> None:
    """As in the recipe above, so that these tests have layers of either kind."""
    network = Network(NetworkSpec(layers=WIDE), 20, 3, Linear())

    def spread(rows: int, members: int) -> list[str]:
        return [step.layer for step in network.nodes if is_unit_parallel(step, rows, members)]

    assert spread(rows=100, members=2) == ["layers.4"]
    assert spread(rows=100, members=1) == []
    assert spread(rows=200, members=2) == []


def test_shares_are_everything_once() -> None:
    for size in (1, 2, 3, 7):
        for count in (0, 1, 5, 100):
            parts = [
                partition(count, ThreadContext(index, size, np.zeros(1))) for index in range(size)
            ]
            covered = [i for first, last in parts for i in range(first, last)]
            assert covered == list(range(count))


def test_an_error_of_one_member_reaches_the_caller() -> None:
    def walk(team: ThreadContext) -> int:
        if team.index == 1:
            raise ValueError("lost")
        return 0

    workers = ThreadTeam(2)
    with pytest.raises(ValueError, match="lost"):
        workers.run(walk)
    assert workers.run(lambda team: team.size) == 2
