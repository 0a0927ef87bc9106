"""Activations: values and derivatives against PyTorch, and what each promises."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Network, NetworkSpec
from engine.activations import ELU, LeakyReLU, Linear, ReLU, Sigmoid, Softmax, Tanh
from engine.initializers import Glorot, He
from engine.losses import MeanSquaredError
from engine.optimizers import SGD
from engine.program.program import Program
from tests.conformance.examples import members
from tests.engine.samples import FLOAT64
from tests.oracles.frozen import cases, load

ORACLE = load("activations")
LARGE = 1e6
"""From here on a target that differs from h by a few units says too little about dL/dh."""


def unit_program(activation: Any, width: int) -> Program:
    """The activation alone: an output layer whose weight is the identity, one row at a time."""
    program = Program(
        Network(NetworkSpec(), width, width, activation),
        loss=MeanSquaredError(),
        task="regression",
        dtype=FLOAT64,
        capacity=1,
        optimizer=SGD(),
    )
    program.network.named(program.theta)["output.weight"][:] = np.eye(width)
    return program


def apply(activation: Any, z: NDArray[np.float64]) -> NDArray[np.float64]:
    return unit_program(activation, z.shape[1]).predict(z)


def test_every_activation_has_an_oracle() -> None:
    assert {member.kind_name() for member in members("activation")} <= set(cases("activations"))


@pytest.mark.parametrize("kind", cases("activations"))
class TestAgainstPyTorch:
    def test_value(self, kind: str) -> None:
        activation = {m.kind_name(): m for m in members("activation")}[kind]()
        np.testing.assert_allclose(
            apply(activation, ORACLE["z"]), ORACLE[f"{kind}/h"], rtol=1e-12, atol=1e-15
        )

    def test_derivative(self, kind: str) -> None:
        activation = {m.kind_name(): m for m in members("activation")}[kind]()
        z, dh = ORACLE["z"], ORACLE["dh"]
        width = z.shape[1]
        program = unit_program(activation, width)
        for row in np.flatnonzero(np.abs(ORACLE[f"{kind}/h"]).max(axis=1) < LARGE):
            # The target that makes dL/dh of the mean squared error the wanted one.
            target = ORACLE[f"{kind}/h"][row] - dh[row] * width / 2
            program.loss_and_gradient(z[[row]], target[np.newaxis], np.uint64(0))
            found = program.network.named(program.gradient)["output.bias"]
            np.testing.assert_allclose(found, ORACLE[f"{kind}/dz"][row], rtol=1e-9, atol=1e-14)


BOUNDED = [m for m in members("activation") if m.kind_name() != "exponential"]
"""All but the one that is meant to overflow."""


@pytest.mark.parametrize("member", BOUNDED, ids=lambda m: str(m.__name__))
def test_extreme_sums_stay_finite(member: Any) -> None:
    z = np.array([[-1e4, 1e4, 0.0], [-750.0, 750.0, 1e-320]])
    assert np.isfinite(apply(member(), z)).all()


def test_sigmoid_is_symmetric_and_saturates_at_zero_and_one() -> None:
    z = np.linspace(-30, 30, 61)[np.newaxis]
    h = apply(Sigmoid(), z)
    np.testing.assert_allclose(h + h[:, ::-1], 1.0, rtol=1e-15)
    assert apply(Sigmoid(), np.array([[-800.0, 800.0]])).tolist() == [[0.0, 1.0]]


def test_softmax_gives_probabilities_and_ignores_a_common_shift() -> None:
    z = np.random.default_rng(0).normal(size=(5, 4)) * 10
    h = apply(Softmax(), z)
    np.testing.assert_allclose(h.sum(axis=1), 1.0, rtol=1e-14)
    assert (h > 0).all()
    np.testing.assert_allclose(apply(Softmax(), z + 1000.0), h, rtol=1e-10)


def test_rectifiers_below_zero() -> None:
    z = np.array([[-2.0, 0.0, 2.0]])
    assert apply(ReLU(), z).tolist() == [[0.0, 0.0, 2.0]]
    assert apply(LeakyReLU(alpha=0.25), z).tolist() == [[-0.5, 0.0, 2.0]]
    np.testing.assert_allclose(apply(ELU(alpha=2.0), z), [[2.0 * np.expm1(-2.0), 0.0, 2.0]])


@pytest.mark.parametrize("activation", [ReLU(), LeakyReLU(), ELU()], ids=lambda a: str(a.kind))
def test_the_derivative_at_zero_is_the_one_from_the_left(activation: Any) -> None:
    program = unit_program(activation, 1)
    program.loss_and_gradient(np.zeros((1, 1)), np.array([[-0.5]]), np.uint64(0))
    expected = {"relu": 0.0, "leaky_relu": 0.1, "elu": 1.0}[activation.kind]
    assert program.network.named(program.gradient)["output.bias"][0] == expected


def test_initializers_that_suit() -> None:
    assert isinstance(ReLU().initializer, He)
    assert all(isinstance(a.initializer, Glorot) for a in (Sigmoid(), Tanh(), Linear()))
