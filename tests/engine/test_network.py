"""Networks: the layout of the parameter vector, their start, and whole ones against PyTorch."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine import SGD, Adam, Dense, Dropout, Network, NetworkSpec
from engine.activations import ELU, Linear, ReLU, Sigmoid, Tanh
from engine.initializers import Glorot, He, Normal
from engine.losses import CrossEntropy, MeanSquaredError
from engine.program.program import Program
from engine.regularizers import L2
from tests.engine.samples import FLOAT64
from tests.engine.test_optimizers import SAME_AS_PYTORCH, train_full_batches
from tests.oracles.frozen import cases, load

ORACLE = load("networks")
SPEC = NetworkSpec(layers=[Dense(units=4), Dropout(), Dense(units=2, use_bias=False)])


def dense(activation: Any, *units: int) -> list[Any]:
    return [Dense(units=n, activation=activation) for n in units]


TRAINED: dict[str, Any] = {
    # name: hidden layers, task, loss, regularizers, optimizer
    "regression": (dense(Tanh(), 6, 5), MeanSquaredError(), 0.01, "sgd-nesterov"),
    "binary": (dense(ELU(), 6), CrossEntropy(), 0.0, "adam"),
    "multiclass": (dense(Sigmoid(), 7, 6), CrossEntropy(), 0.001, "adam-other"),
    "rectified": (dense(ReLU(), 8, 8), CrossEntropy(), 0.0, "sgd-momentum"),
}


@pytest.mark.parametrize("name", cases("networks"))
def test_fifty_steps_equal_those_of_pytorch(name: str) -> None:
    """Losses and every weight, to 1e-10 in float64."""
    layers, loss, strength, optimizer = TRAINED[name]
    x, targets = ORACLE[f"{name}/x"], ORACLE[f"{name}/t"]
    task: Any = "multiclass" if name == "rectified" else name
    program = Program(
        Network(NetworkSpec(layers=layers), 4, 3 if task == "multiclass" else 1, Linear()),
        loss=loss,
        task=task,
        dtype=FLOAT64,
        capacity=20,
        batch_size=20,
        optimizer=SAME_AS_PYTORCH[optimizer],
        regularizers=[L2(strength=strength)] if strength else [],
    )
    program.theta[:] = ORACLE[f"{name}/start"]
    losses = train_full_batches(program, x, targets, SAME_AS_PYTORCH[optimizer].learning_rate)
    np.testing.assert_allclose(losses, ORACLE[f"{name}/losses"], rtol=1e-10)
    np.testing.assert_allclose(program.theta, ORACLE[f"{name}/end"], rtol=1e-10, atol=1e-10)


class TestLayout:
    def test_names_and_shapes(self) -> None:
        network = Network(SPEC, 3, 5, Linear())
        assert {name: place.block.shape for name, place in network.places.items()} == {
            "layers.0.weight": (4, 3),
            "layers.0.bias": (4,),
            "layers.2.weight": (2, 4),
            "output.weight": (5, 2),
            "output.bias": (5,),
        }
        assert network.parameters == 12 + 4 + 8 + 10 + 5

    def test_summary(self) -> None:
        layers = Network(SPEC, 3, 5, Linear()).layers
        assert [(p.name, p.kind, p.output_shape, p.parameters) for p in layers] == [
            ("layers.0", "dense", (4,), 16),
            ("layers.1", "dropout", (4,), 0),
            ("layers.2", "dense", (2,), 8),
            ("output", "dense", (5,), 15),
        ]

    def test_blocks_tile_the_vector_without_gaps(self) -> None:
        network = Network(SPEC, 3, 5, Linear())
        edges = [(place.start, place.stop) for place in network.places.values()]
        assert edges[0][0] == 0
        assert edges[-1][1] == network.parameters
        assert all(a[1] == b[0] for a, b in pairwise(edges))

    def test_named_blocks_are_views(self) -> None:
        network = Network(SPEC, 3, 5, Linear())
        theta = np.zeros(network.parameters)
        network.named(theta)["output.bias"][:] = 7
        assert theta[-5:].tolist() == [7.0] * 5

    def test_no_hidden_layer(self) -> None:
        network = Network(NetworkSpec(), 3, 1, Linear())
        assert list(network.places) == ["output.weight", "output.bias"]
        assert network.parameters == 4

    def test_laying_out_allocates_nothing_of_the_size_of_the_network(self) -> None:
        wide = NetworkSpec(layers=[Dense(units=1_000_000), Dense(units=1_000_000)])
        tracemalloc.start()
        try:
            network = Network(wide, 1000, 1, Linear())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert network.parameters > 10**12
        assert peak < 10**6


class TestStart:
    def test_biases_are_zero_and_weights_follow_the_activation(self) -> None:
        spec = NetworkSpec(layers=[Dense(units=400), Dense(units=400, activation=Tanh())])
        network = Network(spec, 300, 1, Linear())
        named = network.named(network.initialize(0, FLOAT64))
        assert not named["layers.0.bias"].any()
        assert named["layers.0.weight"].var() == pytest.approx(2 / 300, rel=0.02)
        assert named["layers.1.weight"].var() == pytest.approx(2 / 800, rel=0.02)

    def test_an_initializer_of_its_own(self) -> None:
        spec = NetworkSpec(layers=[Dense(units=300, initializer=Normal(deviation=3.0))])
        network = Network(spec, 300, 1, Linear())
        weight = network.named(network.initialize(0, FLOAT64))["layers.0.weight"]
        assert weight.std() == pytest.approx(3.0, rel=0.02)

    def test_the_same_seed_gives_the_same_bits(self) -> None:
        network = Network(SPEC, 3, 5, Linear())
        first, again = (network.initialize(5, FLOAT64) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert (first != network.initialize(6, FLOAT64)).any()

    def test_blocks_have_streams_of_their_own(self) -> None:
        """Widening the first layer leaves no trace in the start of the output layer's scale."""
        alike = NetworkSpec(layers=[Dense(units=3, initializer=Glorot()) for _ in range(2)])
        named = Network(alike, 3, 1, Linear()).named(
            Network(alike, 3, 1, Linear()).initialize(0, FLOAT64)
        )
        first, second = named["layers.0.weight"], named["layers.1.weight"]
        assert (first != second).all()

    def test_float32_starts_where_float64_does(self) -> None:
        network = Network(SPEC, 3, 5, Linear())
        single = network.initialize(1, np.dtype("float32"))
        np.testing.assert_array_equal(single, network.initialize(1, FLOAT64).astype(np.float32))


def test_the_layer_that_is_not_finite_is_named() -> None:
    network = Network(SPEC, 3, 5, Linear())
    theta = np.zeros(network.parameters)
    assert network.first_layer_not_finite(theta) is None
    theta[-1] = np.nan
    assert network.first_layer_not_finite(theta) == "output"
    theta[16] = np.inf
    assert network.first_layer_not_finite(theta) == "layers.2"


def test_defaults_that_the_documentation_promises() -> None:
    assert Dense(units=1).activation == ReLU()
    assert Dense(units=1).activation.initializer == He()
    assert (Adam().learning_rate, SGD().learning_rate) == (0.001, 0.01)
