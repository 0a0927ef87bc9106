"""Layers: normalization against PyTorch, noise by its moments, and the edges of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import (
    SGD,
    Adam,
    Dense,
    Dropout,
    Layer,
    NetworkSpec,
    NoValidation,
    Recipe,
    Table,
    TrainingSpec,
)
from engine.activations import Linear, ReLU, Tanh
from engine.layers import Activate, BatchNorm, GaussianNoise, LayerNorm
from engine.losses import MeanSquaredError
from engine.program.network import Network
from engine.program.program import Program
from tests.conformance.examples import examples, members
from tests.engine.samples import FLOAT64, Run, classes_table, regression_table, run
from tests.oracles.frozen import load

ORACLE = load("normalizations")
BLUR = np.uint64(3)


class Harness:
    """A layer between a layer and an output that both are the identity; the loss sends dL/dy."""

    def __init__(self, layer: Layer, width: int, rows: int) -> None:
        through = Dense(units=width, activation=Linear(), use_bias=False)
        network = Network(NetworkSpec(layers=[through, layer]), width, width, Linear())
        self.program = Program(
            network,
            loss=MeanSquaredError(),
            task="regression",
            dtype=FLOAT64,
            capacity=rows,
            optimizer=SGD(),
        )
        self.program.theta[:] = network.initialize(0, FLOAT64)
        self.program.state[:] = network.initial_state(FLOAT64)
        for name in ("layers.0.weight", "output.weight"):
            self.named[name][:] = np.eye(width)
        self.first = next(k for k, step in enumerate(network.nodes) if step.layer == "layers.1")
        self.last = max(k for k, step in enumerate(network.nodes) if step.layer == "layers.1")

    @property
    def named(self) -> dict[str, NDArray[Any]]:
        return self.program.network.named(self.program.theta)

    def forward(self, x: NDArray[Any], *, training: bool, noise: np.uint64 = BLUR) -> Any:
        self.program.load(x)
        self.program.forward(noise, training=training)
        return self.program.outputs_of(self.last)

    def backward(self, dy: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """What arrives below, and the gradients of the layer's own parameters."""
        outputs = self.program.outputs_of(self.last)
        self.program._memory.target[: len(dy)] = outputs - dy * dy.size / 2
        self.program.loss()
        sent = {k: below for k, _, below in self.program.deltas(BLUR)}
        gradients = self.program.network.named(self.program.gradient)
        own = {f"d{n[9:]}": g.copy() for n, g in gradients.items() if n.startswith("layers.1.")}
        return {"dx": sent[self.first], **own}


def normalizer(layer: Layer) -> Harness:
    harness = Harness(layer, width=5, rows=7)
    harness.named["layers.1.gamma"][:] = ORACLE["gamma"]
    harness.named["layers.1.beta"][:] = ORACLE["beta"]
    return harness


def test_batch_norm_is_that_of_pytorch() -> None:
    """Three mini-batches in training, one of them with a feature that does not vary; then one in
    evaluation, by the running statistics."""
    harness = normalizer(BatchNorm())
    for k in range(4):
        y = harness.forward(ORACLE["x"][k], training=k < 3)
        found = {"y": y, **harness.backward(ORACLE["dy"][k])}
        found["mean"], found["variance"] = np.split(harness.program.state, 2)
        assert found.keys() == {"y", "dx", "dgamma", "dbeta", "mean", "variance"}
        for name, value in found.items():
            expected = ORACLE[f"batch_norm/{name}"][k]
            np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-11, err_msg=name)


@pytest.mark.parametrize("training", [True, False])
def test_layer_norm_is_that_of_pytorch(training: bool) -> None:
    harness = normalizer(LayerNorm())
    y = harness.forward(ORACLE["x"][0], training=training)
    for name, value in {"y": y, **harness.backward(ORACLE["dy"][0])}.items():
        expected = ORACLE[f"layer_norm/{name}"]
        np.testing.assert_allclose(value, expected, rtol=1e-9, atol=1e-11, err_msg=name)


class TestBatchNorm:
    def test_a_mini_batch_is_centred_and_scaled(self) -> None:
        x = np.random.default_rng(0).normal(50.0, 9.0, (200, 3))
        y = Harness(BatchNorm(), 3, 200).forward(x, training=True)
        np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-6)

    def test_a_single_row_is_measured_by_the_running_statistics_and_leaves_them(self) -> None:
        harness = Harness(BatchNorm(), 2, 4)
        harness.program.state[:] = [1.0, 2.0, 4.0, 9.0]
        x = np.array([[3.0, 8.0]])
        y = harness.forward(x, training=True)
        np.testing.assert_allclose(y, [[1.0, 2.0]], rtol=1e-5)
        np.testing.assert_allclose(harness.backward(np.ones((1, 2)))["dx"], [[0.5, 1 / 3]], 1e-5)
        assert harness.program.state.tolist() == [1.0, 2.0, 4.0, 9.0]
        np.testing.assert_array_equal(harness.forward(x, training=False), y)

    def test_a_feature_that_does_not_vary_becomes_zero_and_sends_nothing_back(self) -> None:
        harness = Harness(BatchNorm(), 2, 4)
        x = np.array([[7.0, 1.0], [7.0, 2.0], [7.0, 3.0], [7.0, 4.0]])
        assert harness.forward(x, training=True)[:, 0].tolist() == [0.0] * 4
        dx = harness.backward(np.array([[1.0, 0.0]] * 4))["dx"]
        np.testing.assert_array_equal(dx, np.zeros((4, 2)))

    def test_its_parameters_are_no_weights(self) -> None:
        network = Network(NetworkSpec(layers=[BatchNorm(), LayerNorm()]), 3, 1, Linear())
        assert [place.name for place in network.weights] == ["output.weight"]
        named = network.named(network.initialize(0, FLOAT64))
        assert named["layers.0.gamma"].tolist() == [1.0] * 3
        assert named["layers.1.beta"].tolist() == [0.0] * 3

    def test_evaluation_uses_what_training_has_seen(self) -> None:
        """The running mean approaches the mean of the data, and predictions do not depend on who
        else is asked about."""
        finished = trained([BatchNorm(), Dense(units=4, activation=Tanh())], regression_table(60))
        mean, variance = np.split(finished.state.layer_state, 2)
        np.testing.assert_allclose(mean, 0, atol=0.15)
        np.testing.assert_allclose(variance, 1, atol=0.35)
        outline = finished.training.outline
        program = Program(
            outline.network,
            loss=MeanSquaredError(),
            task="regression",
            dtype=FLOAT64,
            capacity=60,
        )
        program.theta[:], program.state[:] = finished.state.theta, finished.state.layer_state
        x = np.random.default_rng(1).normal(size=(60, 3))
        together, alone = program.predict(x), program.predict(x[7:8])
        np.testing.assert_allclose(together[7:8], alone, rtol=1e-13)


def test_layer_norm_of_a_single_feature_is_its_shift() -> None:
    harness = Harness(LayerNorm(), 1, 3)
    harness.named["layers.1.beta"][:] = 0.25
    y = harness.forward(np.array([[1.0], [-5.0], [9.0]]), training=True)
    assert y.ravel().tolist() == [0.25] * 3
    assert harness.backward(np.ones((3, 1)))["dx"].ravel().tolist() == [0.0] * 3


class TestGaussianNoise:
    def noise(self, deviation: float, key: int) -> NDArray[Any]:
        """What is added to zeros."""
        harness = Harness(GaussianNoise(deviation=deviation), 50, 400)
        y: NDArray[Any] = harness.forward(np.zeros((400, 50)), training=True, noise=np.uint64(key))
        return y

    def test_its_moments_are_those_of_a_normal_distribution(self) -> None:
        noise = self.noise(2.0, key=1) / 2.0
        moments = [float((noise**power).mean()) for power in (1, 2, 3, 4)]
        np.testing.assert_allclose(moments, [0, 1, 0, 3], atol=0.12)
        assert (np.abs(noise) < 1.959964).mean() == pytest.approx(0.95, abs=0.006)
        rows = np.corrcoef(noise[:40]) - np.eye(40)
        assert np.abs(rows).max() < 0.6

    def test_the_key_decides(self) -> None:
        np.testing.assert_array_equal(self.noise(1.0, key=1), self.noise(1.0, key=1))
        assert (self.noise(1.0, key=1) != self.noise(1.0, key=2)).all()

    def test_is_off_in_evaluation(self) -> None:
        x = np.random.default_rng(3).normal(size=(4, 3))
        harness = Harness(GaussianNoise(deviation=5.0), 3, 4)
        np.testing.assert_array_equal(harness.forward(x, training=False), x)

    def test_what_comes_back_passes_unchanged(self) -> None:
        harness = Harness(GaussianNoise(deviation=5.0), 3, 4)
        dy = np.random.default_rng(4).normal(size=(4, 3))
        harness.forward(dy, training=True)
        np.testing.assert_allclose(harness.backward(dy)["dx"], dy, rtol=1e-12)


def trained(layers: list[Any], table: Table, **shape: Any) -> Run:
    chosen: dict[str, Any] = {
        "epochs": 30,
        "batch_size": 8,
        "seed": 1,
        "precision": "float64",
    } | shape
    recipe = Recipe(
        network=NetworkSpec(layers=layers),
        optimizer=Adam(learning_rate=0.02),
        training=TrainingSpec(**chosen),
        validation=NoValidation(),
    )
    return run(recipe, table)


def test_an_activation_of_its_own_is_that_of_a_dense_layer() -> None:
    joined = trained([Dense(units=4, activation=Tanh())], regression_table())
    apart = trained(
        [
            Dense(units=4, activation=Linear(), initializer=Tanh().initializer),
            Activate(activation=Tanh()),
        ],
        regression_table(),
    )
    np.testing.assert_allclose(apart.state.theta, joined.state.theta, rtol=1e-12)


def layers() -> list[Any]:
    """Every layer there is."""
    return [examples(member)[0] for member in members("layer")]


@pytest.mark.parametrize("layer", layers(), ids=lambda layer: str(layer.kind))
@pytest.mark.parametrize("precision", ["float32", "float64"])
class TestEdges:
    def assert_learns(self, layer: Any, table: Table, **shape: Any) -> None:
        layers = [layer, Dense(units=6, activation=ReLU()), layer]
        finished = trained(layers, table, **shape)
        assert np.isfinite(finished.state.theta).all()
        losses = [epoch.train["loss"] for epoch in finished.epochs]
        assert min(losses[-5:]) < losses[0]

    def test_a_last_batch_of_one_row(self, layer: Any, precision: str) -> None:
        self.assert_learns(layer, regression_table(25), precision=precision)

    def test_batches_of_one_row(self, layer: Any, precision: str) -> None:
        self.assert_learns(layer, regression_table(25), batch_size=1, precision=precision)

    def test_a_feature_that_is_the_same_in_a_batch(self, layer: Any, precision: str) -> None:
        x = np.repeat([0.0, 1.0, 2.0], 8)
        table = Table.from_columns({"x": x, "z": np.sin(np.arange(24.0)), "y": 3 * x + 1})
        self.assert_learns(layer, table, shuffle=False, precision=precision)

    def test_a_column_that_never_varies(self, layer: Any, precision: str) -> None:
        columns = dict(regression_table(24).columns) | {"x1": np.full(24, 5.0)}
        self.assert_learns(layer, Table.from_columns(columns), precision=precision)

    def test_one_class_in_a_batch(self, layer: Any, precision: str) -> None:
        table = classes_table(24, classes=3)
        blocks = table.take(np.argsort(np.arange(24) % 3, kind="stable"))
        self.assert_learns(layer, blocks, shuffle=False, precision=precision)


def test_dropout_of_inputs() -> None:
    """As the first layer it drops inputs, and learns all the same."""
    finished = trained([Dropout(rate=0.2), Dense(units=8)], classes_table(60), epochs=60)
    losses = [epoch.train["loss"] for epoch in finished.epochs]
    assert np.mean(losses[-5:]) < 0.8 * losses[0]
