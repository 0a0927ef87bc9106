"""The historical case: Rosenblatt's rule by hand, what it can learn, and what it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine import (
    SGD,
    Dense,
    InvalidSpec,
    Model,
    NetworkSpec,
    NoValidation,
    Preprocessing,
    Recipe,
    Table,
    TrainingSpec,
    infer_task,
    resolve,
)
from engine.activations import Activation, StepFunction
from engine.layers import Activate
from engine.losses import Hinge, MeanSquaredError, PerceptronRule
from engine.optimizers import LBFGS, Optimizer
from tests.conformance.examples import examples, members
from tests.engine.samples import classes_table, gradient_program, regression_table, run, start

CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
AND, OR, XOR = ([0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0])


def rosenblatt(t: list[int], epochs: int) -> NDArray[np.float64]:
    """w <- w + (t - y) x, with a constant input of 1 for the bias, one corner after another."""
    w = np.zeros(3)
    for _ in range(epochs):
        for x, target in zip(np.column_stack([CORNERS, np.ones(4)]), t, strict=True):
            y = 1 if w @ x >= 0 else 0
            w += (target - y) * x
    return w


def taught(t: list[int], epochs: int) -> NDArray[np.float64]:
    """The same by a program: plain SGD with a rate of 1 and mini-batches of one row."""
    program = gradient_program(
        task="binary", loss=PerceptronRule(), inputs=2, batch_size=1, optimizer=SGD()
    )
    program.theta[:] = 0
    targets = np.array(t, float)[:, np.newaxis]
    for epoch in range(epochs):
        done = program.train(
            CORNERS,
            targets,
            np.arange(4),
            position=0,
            step=4 * epoch,
            rates=np.ones(4),
            run_key=np.uint64(0),
            totals=program.totals(),
        )
        assert done == 4
    return np.array(program.theta)


def answers(theta: NDArray[np.float64]) -> list[int]:
    return [int(corner @ theta[:2] + theta[2] >= 0) for corner in CORNERS]


@pytest.mark.parametrize("t", [AND, OR, XOR])
@pytest.mark.parametrize("epochs", [1, 2, 5, 20])
def test_each_step_is_that_of_the_rule(t: list[int], epochs: int) -> None:
    np.testing.assert_array_equal(taught(t, epochs), rosenblatt(t, epochs))


def test_what_a_line_divides_is_learnt_and_then_nothing_moves() -> None:
    for t in (AND, OR):
        assert answers(taught(t, 20)) == t
        np.testing.assert_array_equal(taught(t, 20), taught(t, 200))


def test_xor_is_never_learnt() -> None:
    """No line divides it: the weights go round in a circle for ever (Minsky, Papert, 1969)."""
    ends = [taught(XOR, epochs) for epochs in range(50, 60)]
    assert all(answers(theta) != XOR for theta in ends)
    np.testing.assert_array_equal(ends[0], taught(XOR, 150))


def perceptron(t: list[int], **options: Any) -> tuple[Model, float]:
    """Through the front door, and the accuracy of the last epoch."""
    labels = ["yes" if k else "no" for k in t]
    table = Table.from_columns({"a": CORNERS[:, 0], "b": CORNERS[:, 1], "y": labels})
    chosen: dict[str, Any] = {
        "loss": PerceptronRule(),
        "optimizer": SGD(learning_rate=1.0),
        "preprocessing": Preprocessing(),
        "training": TrainingSpec(epochs=50, batch_size=1, seed=0, precision="float64"),
        "validation": NoValidation(),
    }
    finished = run(Recipe(**(chosen | options)), table)
    outline = finished.training.outline
    model = Model.from_state(outline.recipe, outline.task, outline.preprocessor, finished.state)
    prediction = model.predict(table)
    right = sum(a == b for a, b in zip(prediction.values, labels, strict=True))
    assert prediction.probabilities is not None
    assert set(prediction.probabilities.ravel().tolist()) <= {0.0, 1.0}, "a step has two answers"
    return model, right / 4


def test_a_whole_run() -> None:
    model, right = perceptron(AND)
    assert right == 1.0
    assert isinstance(model.recipe.network.output_activation, StepFunction)
    assert perceptron(XOR)[1] < 1.0
    assert perceptron(OR, loss=Hinge(), optimizer=SGD(learning_rate=0.1))[1] == 1.0


def test_a_hidden_layer_is_what_xor_needs() -> None:
    """The lecture's next step: the same four corners, a hidden layer, a smooth loss."""
    network = NetworkSpec(layers=[Dense(units=8)])
    training = TrainingSpec(epochs=300, batch_size=4, seed=1, precision="float64")
    table = Table.from_columns(
        {"a": CORNERS[:, 0], "b": CORNERS[:, 1], "y": ["no", "yes", "yes", "no"]}
    )
    recipe = Recipe(
        network=network,
        training=training,
        validation=NoValidation(),
        optimizer=SGD(learning_rate=0.5),
    )
    assert run(recipe, table).epochs[-1].train["accuracy"] == 1.0


NOT_DIFFERENTIABLE: list[Any] = [m() for m in members("activation") if not m.differentiable]
SINGLE_LAYER: list[Any] = [m() for m in members("loss") if not m.passes_back]
FULL_BATCH: list[Any] = [m() for m in members("optimizer") if m.full_batch]


def refusal(recipe: Recipe, table: Table) -> InvalidSpec:
    with pytest.raises(InvalidSpec) as caught:
        start(recipe, table)
    return caught.value


class TestRefusals:
    """Each says what to change, and where."""

    @pytest.mark.parametrize("activation", NOT_DIFFERENTIABLE, ids=lambda a: str(a.kind))
    def test_an_activation_without_a_derivative_in_a_hidden_layer(
        self, activation: Activation
    ) -> None:
        for layer in (Dense(units=2, activation=activation), Activate(activation=activation)):
            network = NetworkSpec(layers=[Dense(units=3), layer])
            error = refusal(Recipe(network=network), classes_table())
            assert error.pointer == "/network/layers/1/activation"
            assert "derivative" in error.message
            assert "'sigmoid'" in error.message

    @pytest.mark.parametrize("activation", NOT_DIFFERENTIABLE, ids=lambda a: str(a.kind))
    def test_as_the_output_of_a_loss_that_differentiates_it(self, activation: Any) -> None:
        network = NetworkSpec(output_activation=activation)
        error = refusal(Recipe(network=network, loss=MeanSquaredError()), regression_table())
        assert error.pointer == "/network/output_activation"

    @pytest.mark.parametrize("loss", SINGLE_LAYER, ids=lambda loss: str(loss.kind))
    def test_a_rule_for_one_layer_with_hidden_ones(self, loss: Any) -> None:
        recipe = Recipe(loss=loss, network=NetworkSpec(layers=[Dense(units=3)]))
        error = refusal(recipe, classes_table(classes=2))
        assert error.pointer == "/network/layers"
        assert "another loss" in error.message

    @pytest.mark.parametrize("optimizer", FULL_BATCH, ids=lambda o: str(o.kind))
    def test_mini_batches_where_all_rows_are_needed(self, optimizer: Optimizer) -> None:
        recipe = Recipe(optimizer=optimizer, training=TrainingSpec(batch_size=16))
        error = refusal(recipe, regression_table(40))
        assert error.pointer == "/training/batch_size"
        assert "32 or more" in error.message
        full = TrainingSpec(batch_size=32, epochs=2)
        assert (
            len(run(Recipe(optimizer=optimizer, training=full), regression_table(40)).epochs) == 2
        )

    @pytest.mark.parametrize("loss", members("loss"), ids=lambda m: str(m.__name__))
    def test_a_loss_for_another_task(self, loss: Any) -> None:
        tables = {
            "regression": regression_table(),
            "binary": classes_table(classes=2),
            "multiclass": classes_table(classes=3),
        }
        for task, table in tables.items():
            recipe = Recipe(loss=examples(loss)[0])
            if task in loss.tasks:
                assert resolve(recipe, infer_task(table, "y")).chosen.loss == recipe.loss
            else:
                assert refusal(recipe, table).pointer == "/loss"


def test_lbfgs_needs_few_steps_where_descent_needs_many() -> None:
    """Linear regression: a quadratic, in as many steps as there are directions, about."""
    table = regression_table(40)
    shape: Any = {"batch_size": 40, "seed": 0, "precision": "float64"}
    losses = []
    for optimizer in (LBFGS(), SGD(learning_rate=0.1)):
        recipe = Recipe(
            optimizer=optimizer,
            training=TrainingSpec(epochs=15, **shape),
            validation=NoValidation(),
        )
        losses.append(run(recipe, table).epochs[-1].train["loss"])
    exact = run(
        Recipe(
            optimizer=LBFGS(), training=TrainingSpec(epochs=60, **shape), validation=NoValidation()
        ),
        table,
    )
    best = exact.epochs[-1].train["loss"]
    assert losses[0] - best < 1e-12
    assert losses[1] - best > 1e-6
