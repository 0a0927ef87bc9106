"""Optimizers: fifty steps on full batches against the papers and against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import signature
from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import SGD, Adam, Dense, InvalidSpec
from engine.activations import Tanh
from engine.kernels import compiled
from engine.losses import MeanSquaredError
from engine.optimizers import (
    LBFGS,
    Adadelta,
    Adagrad,
    AdaMax,
    AdamW,
    AMSGrad,
    Lion,
    Nadam,
    RAdam,
    RMSprop,
    Rprop,
)
from engine.program.program import Program
from engine.regularizers import L2
from tests.conformance.examples import examples, members, titles
from tests.engine.reference import OPTIMIZERS, loss_and_gradients
from tests.engine.samples import gradient_program
from tests.oracles.frozen import load

STEPS = 50
EXAMPLES = [example for member in members("optimizer") for example in examples(member)]
STEADY = list(
    dict.fromkeys(
        replace(
            example,
            **{
                name: min(getattr(example, name), 0.005)
                for name in ("learning_rate", "smallest")
                if hasattr(example, name)
            },
        )
        for example in EXAMPLES
        if example.kind in OPTIMIZERS
    )
)
"""Large steps lead to chaos, where rounding decides and no two computations agree."""
ORACLE = load("optimizers")
SAME_AS_PYTORCH = {
    "sgd": SGD(learning_rate=0.05),
    "sgd-momentum": SGD(learning_rate=0.05, momentum=0.9),
    "sgd-nesterov": SGD(learning_rate=0.05, momentum=0.9, nesterov=True),
    "adam": Adam(learning_rate=0.01),
    "adam-other": Adam(learning_rate=0.1, beta1=0.5, beta2=0.9, epsilon=1e-4),
    "adagrad": Adagrad(learning_rate=0.05),
    "adadelta": Adadelta(),
    "rmsprop": RMSprop(learning_rate=0.01),
    "rmsprop-all": RMSprop(learning_rate=0.01, momentum=0.5, centered=True),
    "amsgrad": AMSGrad(learning_rate=0.01),
    "adamax": AdaMax(learning_rate=0.02),
    "nadam": Nadam(learning_rate=0.02),
    "radam": RAdam(learning_rate=0.02),
    "adamw": AdamW(learning_rate=0.01, weight_decay=0.1),
    "rprop": Rprop(learning_rate=0.01),
    "lbfgs": LBFGS(learning_rate=0.05, history=4),
    "lion": Lion(learning_rate=0.01),
    "lion-decay": Lion(learning_rate=0.01, beta1=0.8, beta2=0.95, weight_decay=0.1),
}


def train_full_batches(
    program: Program, x: NDArray[Any], targets: NDArray[Any], rate: float, steps: int = STEPS
) -> NDArray[Any]:
    """The loss before every step."""
    losses = []
    for step in range(steps):
        totals = program.totals()
        order = np.arange(len(x))
        rates, noise = np.array([rate]), np.uint64(0)
        arguments: Any = {"position": 0, "step": step, "rates": rates, "run_key": noise}
        assert program.train(x, targets, order, **arguments, totals=totals) == 1
        losses.append(totals[0] / totals[1])
    return np.array(losses)


def updates(optimizer: Any, theta: NDArray[Any]) -> Callable[[NDArray[Any]], None]:
    """The optimizer's kernel with its memory: give it one gradient after another.

    Every parameter counts as a weight.
    """
    kernel, steps = type(optimizer).kernel(), count(1)
    machine_code, names = compiled(kernel), signature(kernel).parameters
    arguments: dict[str, Any] = {
        "theta": theta,
        "slots": np.zeros((len(optimizer.slots()), theta.size)),
        "scalars": np.zeros(optimizer.scalars()),
        "blocks": np.array([[0, theta.size, theta.size]]),
        "rate": float(optimizer.learning_rate),
        "start": 0,
        "stop": theta.size,
        "constants": np.array(optimizer.constants()),
    }

    def update(gradient: NDArray[Any]) -> None:
        given = {**arguments, "gradient": gradient, "step": next(steps)}
        machine_code(*(given[name] for name in names))

    return update


def test_every_optimizer_has_a_reference() -> None:
    assert {member.kind_name() for member in members("optimizer")} <= OPTIMIZERS.keys()
    assert {type(optimizer) for optimizer in SAME_AS_PYTORCH.values()} == set(members("optimizer"))


@pytest.mark.parametrize("optimizer", STEADY, ids=titles(STEADY))
@pytest.mark.parametrize("strength", [0.0, 0.01])
def test_path_is_the_one_of_the_paper(optimizer: Any, strength: float) -> None:
    """A whole network, 50 steps in float64, to 1e-10 of an independent computation."""
    random = np.random.default_rng(4)
    x, targets = random.normal(size=(12, 3)), random.normal(size=(12, 1))
    program = gradient_program(
        [Dense(units=4, activation=Tanh()), Dense(units=3, activation=Tanh())],
        task="regression",
        loss=MeanSquaredError(),
        regularizers=[L2(strength=strength)] if strength else [],
        optimizer=optimizer,
        capacity=12,
        batch_size=12,
    )
    blocks = [block.copy() for block in program.network.named(program.theta).values()]
    layers = list(zip(blocks[::2], blocks[1::2], strict=True))
    step = OPTIMIZERS[optimizer.kind](optimizer)
    expected = []
    for _ in range(STEPS):
        loss, gradients = loss_and_gradients(layers, x, targets, strength)
        expected.append(loss)
        change = step(
            np.concatenate([g.ravel() for layer in gradients for g in layer]),
            np.concatenate([block.ravel() for layer in layers for block in layer]),
            np.concatenate([np.full(b.size, b.ndim == 2) for layer in layers for b in layer]),
        )
        for block in (b for layer in layers for b in layer):
            block[...] += change[: block.size].reshape(block.shape)
            change = change[block.size :]
    losses = train_full_batches(program, x, targets, optimizer.learning_rate)
    theta = np.concatenate([b.ravel() for layer in layers for b in layer])
    # A variance as a difference of two squares loses digits on both sides.
    close = 1e-8 if getattr(optimizer, "centered", False) else 1e-10
    np.testing.assert_allclose(losses, expected, rtol=close)
    np.testing.assert_allclose(program.theta, theta, rtol=close, atol=close)


@pytest.mark.parametrize("name", SAME_AS_PYTORCH)
def test_path_is_the_one_of_pytorch(name: str) -> None:
    optimizer = SAME_AS_PYTORCH[name]
    theta = ORACLE["start"].copy()
    update = updates(optimizer, theta)
    for step, gradient in enumerate(ORACLE["gradients"]):
        update(gradient)
        expected = ORACLE[f"{name}/path"][step]
        np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optimizer", EXAMPLES, ids=titles(EXAMPLES))
def test_slots_have_names_and_symbols_of_their_own(optimizer: Any) -> None:
    slots = optimizer.slots()
    assert len({slot.name for slot in slots}) == len({slot.symbol for slot in slots}) == len(slots)
    for slot in slots:
        assert slot.rule.startswith(rf"{slot.symbol} \leftarrow ")
    program = gradient_program(task="regression", loss=MeanSquaredError(), optimizer=optimizer)
    assert program.slots.shape == (len(optimizer.slots()), program.theta.size)


@pytest.mark.parametrize("member", members("optimizer"), ids=lambda m: str(m.__name__))
def test_every_optimizer_learns_with_its_defaults(member: Any) -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(12, 3))
    program = gradient_program(
        task="regression", loss=MeanSquaredError(), optimizer=member(), capacity=12, batch_size=12
    )
    losses = train_full_batches(program, x, x[:, :1], member().learning_rate, steps=200)
    assert losses[-1] < losses[0]
    assert np.isfinite(program.theta).all()


def test_plain_descent_by_hand() -> None:
    """L = mean (w x + b - t)^2 with x = 2, t = 1, w = b = 0: dL/dw = -4, dL/db = -2."""
    program = gradient_program(task="regression", loss=MeanSquaredError(), inputs=1)
    program.theta[:] = 0
    train_full_batches(program, np.array([[2.0]]), np.array([[1.0]]), rate=0.1, steps=1)
    np.testing.assert_allclose(program.theta, [0.4, 0.2], rtol=1e-15)


def test_the_schedule_acts_on_the_velocity_at_once() -> None:
    """With a rate of zero nothing moves, whatever the velocity is."""
    program = gradient_program(
        task="regression", loss=MeanSquaredError(), optimizer=SGD(momentum=0.9)
    )
    x, targets = np.ones((2, 3)), np.ones((2, 1))
    train_full_batches(program, x, targets, rate=0.1, steps=3)
    before = program.theta.copy()
    train_full_batches(program, x, targets, rate=0.0, steps=3)
    np.testing.assert_array_equal(program.theta, before)


def test_the_first_step_of_adam_has_the_size_of_the_learning_rate() -> None:
    theta = np.zeros(3)
    updates(Adam(learning_rate=0.01), theta)(np.array([1e-3, -5.0, 700.0]))
    np.testing.assert_allclose(theta, [-0.01, 0.01, -0.01], rtol=1e-4)


def test_nesterov_needs_a_momentum() -> None:
    with pytest.raises(InvalidSpec, match="momentum") as caught:
        SGD(nesterov=True)
    assert caught.value.pointer == "/momentum"
