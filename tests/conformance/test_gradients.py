"""Backpropagation against central differences, for every combination of members."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import numpy as np
import pytest

from engine import Dense
from engine.activations import Linear, Softmax, Tanh
from engine.kernels import random_bits
from engine.losses import Loss, MeanSquaredError, TaskKind
from engine.optimizers import SGD
from engine.program.program import Program
from tests.conformance.differences import assert_gradient_is_right, assert_same, numerical_gradient
from tests.conformance.examples import examples, members, titles
from tests.engine.samples import gradient_program, targets_for

ACTIVATIONS = [example for member in members("activation") for example in examples(member)]
LAYERS = [example for member in members("layer") for example in examples(member)]
DEFAULTS = [examples(member)[0] for member in members("layer")]
PENALTIES = [
    example
    for member in members("regularizer")
    for example in examples(member)
    if example.transform_gradient() and not example.project()
]
"""Regularizers whose gradient is that of their value, without a move after the update."""
REGULARIZERS = [(), *((example,) for example in PENALTIES if example.strength == 0.5)]
LOSSES: list[tuple[TaskKind, Any]] = [
    (task, example)
    for member in members("loss")
    for example in examples(member)
    for task in get_args(TaskKind)
    if task in member.tasks
]
NAMES = titles([example for _, example in LOSSES])
ORDINARY = [next(case for case in LOSSES if case[0] == task) for task in get_args(TaskKind)]
SMOOTH_LAYER = Dense(units=3, activation=Tanh())
CROSSED = [
    (layer, *case)
    for layer, case in product(LAYERS, LOSSES)
    if layer in DEFAULTS or case in ORDINARY
]
"""Every layer with its defaults and every loss; every choice of a layer and a loss of each task."""


def of_losses(test: Any) -> Any:
    return pytest.mark.parametrize(("task", "loss"), LOSSES, ids=NAMES)(test)


def of_layers_and_losses(test: Any) -> Any:
    names = dict(zip(LAYERS, titles(LAYERS), strict=True)), dict(zip(LOSSES, NAMES, strict=True))
    ids = [f"{names[0][layer]}-{names[1][task, loss]}" for layer, task, loss in CROSSED]
    return pytest.mark.parametrize(("layer", "task", "loss"), CROSSED, ids=ids)(test)


@of_losses
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=titles(ACTIVATIONS))
def test_every_activation_loss_and_regularizer(activation: Any, task: Any, loss: Any) -> None:
    for regularizers, use_bias in product(REGULARIZERS, (True, False)):
        layers = [Dense(units=3, activation=activation, use_bias=use_bias), SMOOTH_LAYER]

        def build(seed: int, layers: Any = layers, regularizers: Any = regularizers) -> Program:
            return gradient_program(
                layers, task=task, loss=loss, regularizers=regularizers, seed=seed
            )

        assert_gradient_is_right(build, task, regularizers)


@of_layers_and_losses
def test_every_layer_in_every_place(layer: Any, task: Any, loss: Any) -> None:
    places = ([layer], [layer, SMOOTH_LAYER], [SMOOTH_LAYER, layer], [SMOOTH_LAYER, layer, layer])
    for layers in places:

        def build(seed: int, layers: Any = layers) -> Program:
            return gradient_program(layers, task=task, loss=loss, seed=seed)

        assert_gradient_is_right(build, task)


@of_losses
def test_no_hidden_layer(task: Any, loss: Any) -> None:
    assert_gradient_is_right(lambda seed: gradient_program(task=task, loss=loss, seed=seed), task)


@of_layers_and_losses
def test_one_row_and_one_feature(layer: Any, task: Any, loss: Any) -> None:
    def build(seed: int) -> Program:
        return gradient_program([SMOOTH_LAYER, layer], task=task, loss=loss, inputs=1, seed=seed)

    assert_gradient_is_right(build, task, rows=1)


@pytest.mark.parametrize(("task", "loss"), [c for c in LOSSES if c[0] == "regression"])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=titles(ACTIVATIONS))
def test_output_activations_of_a_regression(activation: Any, task: Any, loss: Any) -> None:
    def build(seed: int) -> Program:
        return gradient_program(
            [SMOOTH_LAYER], task=task, loss=loss, output_activation=activation, seed=seed
        )

    if not isinstance(activation, Softmax):
        assert_gradient_is_right(build, task)


def test_several_regularizers_add_up() -> None:
    def build(seed: int) -> Program:
        return gradient_program(
            [SMOOTH_LAYER],
            task="regression",
            loss=MeanSquaredError(),
            regularizers=PENALTIES,
            seed=seed,
        )

    assert_gradient_is_right(build, "regression", PENALTIES)


@of_layers_and_losses
def test_the_last_small_batch_is_a_batch_of_its_own(layer: Any, task: Any, loss: Any) -> None:
    """Training on five rows in batches of three ends with the mean gradient of two rows."""
    program = gradient_program([layer, SMOOTH_LAYER], task=task, loss=loss, batch_size=3)
    random = np.random.default_rng(3)
    x = random.normal(size=(5, 3))
    targets = random.integers(0, 2, targets_for(task, random, 5).shape).astype(float)
    order = np.array([4, 0, 2, 1, 3])
    key = np.uint64(11)
    state = program.state.copy()
    still = np.zeros(1)
    arguments: Any = {"position": 1, "step": 6, "rates": still, "run_key": key}
    program.train(x, targets, order, **arguments, totals=program.totals())
    trained = program.gradient.copy()
    program.state[:] = state
    with np.errstate(over="ignore"):
        draw = random_bits(key, np.uint64(7))
    program.loss_and_gradient(x[order[3:]], targets[order[3:]], draw)
    np.testing.assert_array_equal(trained, program.gradient)


@of_losses
def test_weights_without_regularizer_and_biases_are_not_penalized(task: Any, loss: Any) -> None:
    (strong,) = [examples(member)[1] for member in members("regularizer")][:1]
    plain = gradient_program([SMOOTH_LAYER], task=task, loss=loss)
    penalized = gradient_program([SMOOTH_LAYER], task=task, loss=loss, regularizers=[strong])
    x, targets = np.ones((2, 3)), np.zeros((2, 1))
    losses = [p.loss_and_gradient(x, targets, np.uint64(1)) for p in (plain, penalized)]
    assert losses[0] == losses[1], "the reported loss is without penalties"
    for name, place in plain.network.places.items():
        same = np.array_equal(place.view(plain.gradient), place.view(penalized.gradient))
        assert same == name.endswith("bias")


class TestTheCheckItself:
    """A check that cannot fail proves nothing."""

    def program(self) -> Program:
        return gradient_program([SMOOTH_LAYER], task="regression", loss=MeanSquaredError())

    def test_a_slightly_wrong_gradient_is_noticed(self) -> None:
        program = self.program()
        x, targets = np.ones((2, 3)), np.ones((2, 1))

        def loss() -> float:
            return program.loss_and_gradient(x, targets, np.uint64(1))

        numerical = numerical_gradient(loss, program.theta)
        assert numerical is not None
        loss()
        assert_same(program.gradient, numerical)
        wrong = program.gradient.copy()
        wrong[np.argmax(np.abs(wrong))] *= 1 + 3e-6
        with pytest.raises(AssertionError, match="by differences"):
            assert_same(wrong, numerical)

    def test_a_kink_is_noticed(self) -> None:
        theta = np.array([0.3 * 1e-4])
        assert numerical_gradient(lambda: float(abs(theta[0])), theta) is None
        theta[0] = 0.1
        slope = numerical_gradient(lambda: float(abs(theta[0])), theta)
        assert slope is not None
        np.testing.assert_allclose(slope, 1.0)


def test_each_loss_is_differentiated_with_the_mean_over_rows() -> None:
    """Repeating every row changes neither loss nor gradient."""
    for task, loss in LOSSES:
        assert isinstance(loss, Loss)
        program = gradient_program(
            [SMOOTH_LAYER], task=task, loss=loss, capacity=8, optimizer=SGD()
        )
        random = np.random.default_rng(5)
        x, targets = random.normal(size=(4, 3)), random.integers(0, 2, (4, 1)).astype(float)
        once = program.loss_and_gradient(x, targets, np.uint64(0)), program.gradient.copy()
        doubled = np.vstack([x, x]), np.vstack([targets, targets])
        twice = program.loss_and_gradient(*doubled, np.uint64(0)), program.gradient.copy()
        np.testing.assert_allclose(once[0], twice[0], rtol=1e-13)
        np.testing.assert_allclose(once[1], twice[1], rtol=1e-12, atol=1e-15)


def test_linear_layers_compose() -> None:
    """Two linear layers are one: their gradients follow the chain rule through the product."""
    deep = gradient_program(
        [Dense(units=3, activation=Linear(), use_bias=False)],
        task="regression",
        loss=MeanSquaredError(),
    )
    named = deep.network.named(deep.theta)
    inner, outer = named["layers.0.weight"], named["output.weight"]
    x, targets = np.random.default_rng(1).normal(size=(4, 3)), np.zeros((4, 1))
    deep.loss_and_gradient(x, targets, np.uint64(0))
    error = x @ inner.T @ outer.T + named["output.bias"] - targets
    product_gradient = 2 * error.T @ x / len(x)
    gradients = deep.network.named(deep.gradient)
    np.testing.assert_allclose(gradients["layers.0.weight"], outer.T @ product_gradient)
    np.testing.assert_allclose(gradients["output.weight"], product_gradient @ inner.T)
