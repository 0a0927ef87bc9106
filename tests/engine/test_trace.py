"""A trace against plain NumPy: every x, W, b, z, h, delta, dW, db, and theta after the update."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import SGD, Adam, Dense, Dropout, Network, NetworkSpec, Optimizer
from engine.activations import Linear, Tanh
from engine.clipping import ClipNorm
from engine.insight.trace import Trace, trace
from engine.kernels import random_bits
from engine.layers import Activate, BatchNorm, GaussianNoise, LayerNorm
from engine.losses import CrossEntropy, Loss, MeanSquaredError
from engine.program.program import Program
from engine.regularizers import L2
from tests.conformance.examples import examples, members, titles
from tests.engine.reference import OPTIMIZERS
from tests.engine.samples import FLOAT64

ROWS, RATE = 4, 0.05
NOISE = np.uint64(9)
Matrix = NDArray[np.float64]
EXAMPLES = [example for member in members("optimizer") for example in examples(member)]


def program_for(
    layers: list[Any], task: Any, loss: Loss, optimizer: Optimizer, **options: Any
) -> Program:
    outputs = 3 if task == "multiclass" else 1
    network = Network(NetworkSpec(layers=layers), 3, outputs, Linear())
    program = Program(
        network,
        loss=loss,
        task=task,
        dtype=FLOAT64,
        capacity=ROWS,
        optimizer=optimizer,
        **options,
    )
    random = np.random.default_rng(1)
    program.theta[:] = random.normal(size=program.theta.size)
    program.state[:] = random.uniform(0.5, 1.5, program.state.size)
    return program


def rows_for(task: str) -> tuple[Matrix, Matrix]:
    random = np.random.default_rng(2)
    x = random.normal(size=(ROWS, 3))
    if task == "regression":
        return x, random.normal(size=(ROWS, 1))
    return x, random.integers(0, 3 if task == "multiclass" else 2, (ROWS, 1)).astype(float)


def by_hand(task: str, z: Matrix, t: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """y^, the loss of every row, and dL/dz of the mean loss."""
    if task == "regression":
        return z, (z - t)[:, 0] ** 2, 2 * (z - t) / ROWS
    if task == "binary":
        p = 1 / (1 + np.exp(-z))
        likely = np.where(t == 1, p, 1 - p)
        return p, -np.log(likely[:, 0]), (p - t) / ROWS
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    right = np.eye(3)[t[:, 0].astype(int)]
    return p, -np.log((p * right).sum(axis=1)), (p - right) / ROWS


def traced(program: Program, task: str, *, training: bool = True, step: int = 1) -> Trace:
    x, t = rows_for(task)
    return trace(
        program,
        program.network,
        x,
        t,
        learning_rate=RATE,
        step=step,
        step_key=NOISE,
        training=training,
    )


CASES = [
    ("regression", MeanSquaredError()),
    ("binary", CrossEntropy()),
    ("multiclass", CrossEntropy()),
]


@pytest.mark.parametrize(("task", "loss"), CASES, ids=[task for task, _ in CASES])
@pytest.mark.parametrize(
    "optimizer", [SGD(learning_rate=RATE), Adam(learning_rate=RATE)], ids=lambda o: str(o.kind)
)
def test_every_number_of_two_layers(task: str, loss: Loss, optimizer: Any) -> None:
    strength = 0.1
    program = program_for(
        [Dense(units=4, activation=Tanh())],
        task,
        loss,
        optimizer,
        regularizers=[L2(strength=strength)],
    )
    x, t = rows_for(task)
    named = {name: block.copy() for name, block in program.network.named(program.theta).items()}
    w1, b1, w2, b2 = named.values()
    z1 = x @ w1.T + b1
    h1 = np.tanh(z1)
    z2 = h1 @ w2.T + b2
    prediction, losses, delta2 = by_hand(task, z2, t)
    delta1 = delta2 @ w2 * (1 - h1**2)
    gradients = [delta1.T @ x, delta1.sum(axis=0), delta2.T @ h1, delta2.sum(axis=0)]
    told = traced(program, task)

    hidden, output = told.layers
    assert [(layer.name, layer.kind) for layer in told.layers] == [
        ("layers.0", "dense"),
        ("output", "dense"),
    ]
    expected: list[tuple[Any, Any]] = [
        (hidden.x, x),
        (hidden.parameters["weight"], w1),
        (hidden.parameters["bias"], b1),
        (hidden.z, z1),
        (hidden.h, h1),
        (hidden.delta, delta1),
        (hidden.gradients["weight"], gradients[0]),
        (hidden.gradients["bias"], gradients[1]),
        (output.x, h1),
        (output.parameters["weight"], w2),
        (output.parameters["bias"], b2),
        (output.z, z2),
        (output.delta, delta2),
        (output.gradients["weight"], gradients[2]),
        (output.gradients["bias"], gradients[3]),
        (told.prediction, prediction),
        (told.losses, losses),
        (told.loss, losses.mean()),
    ]
    for found, wanted in expected:
        np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-14)
    assert (told.learning_rate, told.step) == (RATE, 1)

    penalized = [g + 2 * strength * w for g, w in zip(gradients[::2], (w1, w2), strict=True)]
    flat = [penalized[0], gradients[1], penalized[1], gradients[3]]
    theta = np.concatenate([block.ravel() for block in named.values()])
    change = OPTIMIZERS[optimizer.kind](optimizer)(
        np.concatenate([g.ravel() for g in flat]), theta, np.zeros(theta.size)
    )
    after = [hidden.updated["weight"], hidden.updated["bias"]]
    after += [output.updated["weight"], output.updated["bias"]]
    moved = np.concatenate([block.ravel() for block in after])
    np.testing.assert_allclose(moved, theta + change, rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(moved, program.theta)


def test_a_trace_is_a_step_of_training() -> None:
    """The same update as in the compiled loop, with everything that may stand in between."""
    layers = [
        GaussianNoise(),
        Dense(units=4, activation=Tanh()),
        BatchNorm(),
        Activate(),
        Dropout(rate=0.4),
        LayerNorm(),
        Dense(units=2),
    ]
    options: Any = {"regularizers": [L2(strength=0.1)], "clipping": ClipNorm(limit=0.01)}
    one, other = (
        program_for(layers, "binary", CrossEntropy(), Adam(), batch_size=ROWS, **options)
        for _ in range(2)
    )
    x, t = rows_for("binary")
    for step in range(3):
        key = np.uint64(100)
        other.train(
            x,
            t,
            np.arange(ROWS),
            position=0,
            step=step,
            rates=np.array([RATE]),
            run_key=key,
            totals=other.totals(),
        )
        trace(
            one,
            one.network,
            x,
            t,
            learning_rate=RATE,
            step=step + 1,
            step_key=draw(key, step + 1),
            training=True,
        )
        np.testing.assert_array_equal(one.theta, other.theta)
        np.testing.assert_array_equal(one.state, other.state)
        np.testing.assert_array_equal(one.slots, other.slots)


@pytest.mark.parametrize("optimizer", EXAMPLES, ids=titles(EXAMPLES))
def test_what_the_optimizer_remembers_is_what_a_training_does(optimizer: Any) -> None:
    """Slots, single numbers, the gradient it gets and the change: before and after every step."""
    options: Any = {"regularizers": [L2(strength=0.1)], "clipping": ClipNorm(limit=0.5)}
    layers = [Dense(units=4, activation=Tanh()), LayerNorm()]
    program, trained = (
        program_for(layers, "regression", MeanSquaredError(), optimizer, batch_size=ROWS, **options)
        for _ in range(2)
    )
    x, t = rows_for("regression")
    network = program.network
    for step in range(4):
        slots, scalars = trained.slots.copy(), trained.scalars.copy()
        theta = trained.theta.copy()
        trained.train(
            x,
            t,
            np.arange(ROWS),
            position=0,
            step=step,
            rates=np.array([RATE]),
            run_key=NOISE,
            totals=trained.totals(),
        )
        told = traced(program, "regression", step=step + 1)
        np.testing.assert_array_equal(told.scalars[0], scalars)
        np.testing.assert_array_equal(told.scalars[1], trained.scalars)
        names = [slot.name for slot in optimizer.slots()]
        for layer in told.layers:
            assert [*layer.memory] == names
            for title, change in layer.change.items():
                place = network.places[f"{layer.name}.{title}"]
                np.testing.assert_array_equal(layer.given[title], place.view(trained.gradient))
                np.testing.assert_array_equal(change, place.view(trained.theta - theta))
                for slot, old, new in zip(names, slots, trained.slots, strict=True):
                    told_slot = layer.memory[slot]
                    np.testing.assert_array_equal(told_slot.before[title], place.view(old))
                    np.testing.assert_array_equal(told_slot.after[title], place.view(new))


def test_slots_are_not_kept_where_nobody_asks() -> None:
    program = program_for([], "regression", MeanSquaredError(), Adam())
    x, t = rows_for("regression")
    told = trace(
        program,
        program.network,
        x,
        t,
        learning_rate=RATE,
        step=1,
        step_key=NOISE,
        training=False,
        memory=False,
    )
    assert told.layers[0].memory == {}
    assert program.slots.any()


def test_the_gradient_of_a_mini_batch_is_the_mean_of_those_of_its_rows() -> None:
    """The update of a mini-batch takes them together; of one row it takes its own."""
    layers = [Dense(units=4, activation=Tanh())]
    x, t = rows_for("regression")
    one_by_one: dict[str, list[Matrix]] = {"weight": [], "bias": []}
    for row in range(ROWS):
        program = program_for(layers, "regression", MeanSquaredError(), SGD())
        told = trace(
            program,
            program.network,
            x[row : row + 1],
            t[row : row + 1],
            learning_rate=RATE,
            step=1,
            step_key=NOISE,
            training=True,
        )
        for title, gradient in told.layers[0].gradients.items():
            one_by_one[title].append(gradient)
    together = traced(program_for(layers, "regression", MeanSquaredError(), SGD()), "regression")
    for title, gradient in together.layers[0].gradients.items():
        np.testing.assert_allclose(gradient, np.mean(one_by_one[title], axis=0), rtol=1e-12)


def draw(key: np.uint64, step: int) -> np.uint64:
    with np.errstate(over="ignore"):
        return random_bits(key, np.uint64(step))


def test_layers_without_weights_tell_what_applies() -> None:
    layers = [Dropout(rate=0.4), BatchNorm(), Activate(activation=Tanh())]
    program = program_for(layers, "regression", MeanSquaredError(), SGD())
    x, _ = rows_for("regression")
    dropout, norm, phi, output = traced(program, "regression").layers
    assert (dropout.z, dropout.delta, dropout.parameters) == (None, None, {})
    kept = dropout.h != 0
    np.testing.assert_allclose(dropout.h[kept], x[kept] / 0.6, rtol=1e-12)
    np.testing.assert_array_equal(norm.x, dropout.h)
    assert norm.z is None
    assert norm.parameters.keys() == norm.gradients.keys() == {"gamma", "beta"}
    assert phi.z is not None
    np.testing.assert_array_equal(phi.z, norm.h)
    np.testing.assert_allclose(phi.h, np.tanh(norm.h), rtol=1e-12)
    assert phi.delta is not None
    assert norm.delta is not None
    assert output.delta is not None
    np.testing.assert_allclose(
        phi.delta, output.delta @ output.parameters["weight"] * (1 - phi.h**2), rtol=1e-12
    )
    np.testing.assert_allclose(norm.delta, phi.delta, rtol=1e-12)
    np.testing.assert_allclose(norm.gradients["beta"], norm.delta.sum(axis=0), rtol=1e-12)


def test_without_training_nothing_is_noisy() -> None:
    layers = [Dropout(rate=0.5), GaussianNoise(deviation=3.0)]
    program = program_for(layers, "regression", MeanSquaredError(), SGD())
    x, _ = rows_for("regression")
    told = traced(program, "regression", training=False)
    np.testing.assert_array_equal(told.layers[2].x, x)


@pytest.mark.parametrize(("task", "loss"), CASES, ids=[task for task, _ in CASES])
def test_the_losses_of_the_rows_have_the_mean_for_a_mean(task: str, loss: Loss) -> None:
    told = traced(program_for([], task, loss, SGD()), task)
    assert told.losses.mean() == pytest.approx(told.loss, rel=1e-14)
