"""Losses: values and gradients against PyTorch, stability, and the tasks they are for."""

from __future__ import annotations

from math import log
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import Network, NetworkSpec
from engine.activations import Linear, Sigmoid, Softmax
from engine.losses import CrossEntropy, MeanAbsoluteError, MeanSquaredError, Quantile
from engine.optimizers import SGD
from engine.program.program import Program
from tests.conformance.examples import members
from tests.engine.samples import FLOAT64
from tests.oracles.frozen import cases, load

ORACLE = load("losses")
KINDS = {member.kind_name(): member for member in members("loss")}
OTHERS = {"smoothed": CrossEntropy(label_smoothing=0.1), "quantile_high": Quantile(level=0.9)}
"""Cases that are not a loss with its defaults."""


def value_and_gradient(
    loss: Any, task: Any, z: NDArray[Any], targets: NDArray[Any]
) -> tuple[float, NDArray[Any]]:
    """The mean loss and dL/dz, from a network that is the identity, a row of one at a time."""
    rows, outputs = z.shape
    program = Program(
        Network(NetworkSpec(), outputs, outputs, Linear()),
        loss=loss,
        task=task,
        dtype=FLOAT64,
        capacity=rows,
        optimizer=SGD(),
    )
    program.network.named(program.theta)["output.weight"][:] = np.eye(outputs)
    total, gradients = 0.0, []
    for row in range(rows):
        total += program.loss_and_gradient(z[[row]], targets[[row]], np.uint64(0))
        gradients.append(program.network.named(program.gradient)["output.bias"] / rows)
    whole = program.loss_and_gradient(z, targets, np.uint64(0))
    assert whole == pytest.approx(total / rows, rel=1e-13)
    return whole, np.array(gradients)


def test_every_loss_has_an_oracle_for_every_task() -> None:
    wanted = {f"{kind}-{task}" for kind, loss in KINDS.items() for task in loss.tasks}
    assert wanted <= set(cases("losses"))


@pytest.mark.parametrize("case", cases("losses"))
def test_against_pytorch(case: str) -> None:
    kind, task, *_ = case.split("-")
    loss = OTHERS[kind] if kind in OTHERS else KINDS[kind]()
    found = value_and_gradient(loss, task, ORACLE[f"{case}/z"], ORACLE[f"{case}/t"])
    np.testing.assert_allclose(found[0], ORACLE[f"{case}/value"], rtol=1e-9)
    np.testing.assert_allclose(found[1], ORACLE[f"{case}/dz"], rtol=1e-9, atol=1e-16)


def test_cross_entropy_never_takes_the_logarithm_of_zero() -> None:
    value, gradient = value_and_gradient(
        CrossEntropy(), "binary", np.array([[1e4], [-1e4]]), np.array([[0.0], [1.0]])
    )
    assert value == 1e4
    assert gradient.ravel().tolist() == [0.5, -0.5]
    value, gradient = value_and_gradient(
        CrossEntropy(), "multiclass", np.array([[1e4, 0.0, -1e4]]), np.array([[2.0]])
    )
    assert value == 2e4
    assert gradient.tolist() == [[1.0, 0.0, -1.0]]


def test_cross_entropy_of_a_guess() -> None:
    zeros, value_of = np.zeros((3, 4)), value_and_gradient
    value, _ = value_of(CrossEntropy(), "multiclass", zeros, np.array([[0.0], [1.0], [3.0]]))
    assert value == pytest.approx(log(4))
    value, _ = value_of(CrossEntropy(), "binary", zeros[:, :1], np.array([[0.0], [1.0], [1.0]]))
    assert value == pytest.approx(log(2))


def test_regression_losses_by_hand() -> None:
    z, targets = np.array([[1.0], [5.0]]), np.array([[2.0], [2.0]])
    value, gradient = value_and_gradient(MeanSquaredError(), "regression", z, targets)
    assert (value, gradient.ravel().tolist()) == (5.0, [-1.0, 3.0])
    value, gradient = value_and_gradient(MeanAbsoluteError(), "regression", z, targets)
    assert (value, gradient.ravel().tolist()) == (2.0, [-0.5, 0.5])
    value, gradient = value_and_gradient(MeanAbsoluteError(), "regression", targets, targets)
    assert (value, gradient.ravel().tolist()) == (0.0, [0.0, 0.0])


def test_a_class_that_is_missing_from_a_batch_is_pushed_away() -> None:
    z = np.zeros((2, 3))
    _, gradient = value_and_gradient(CrossEntropy(), "multiclass", z, np.array([[0.0], [0.0]]))
    np.testing.assert_allclose(gradient.sum(axis=0), [-2 / 3, 1 / 3, 1 / 3])


def test_fused_activations() -> None:
    assert CrossEntropy().fused_activation("binary") == Sigmoid()
    assert CrossEntropy().fused_activation("multiclass") == Softmax()
    assert MeanSquaredError().fused_activation("regression") is None
