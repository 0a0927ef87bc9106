"""A recipe: everything that determines a run besides the data."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, NamedTuple

import numpy as np
from annotated_types import Ge, Le, MaxLen

from engine.activations import Activation, Linear, Softmax
from engine.augmentation import Augmentation, ImageAugmentation, ImageSize
from engine.clipping import Clipping
from engine.diagnostics import Diagnostics
from engine.errors import InvalidSpec
from engine.folds import CrossValidation
from engine.losses import CrossEntropy, Loss, MeanSquaredError
from engine.network import NetworkSpec
from engine.optimizers import Adam, Optimizer
from engine.preprocessing import Preprocessing
from engine.randomness import draw_seed
from engine.range_test import RangeTest
from engine.regularizers import Regularizer
from engine.schedules import Constant, Schedule
from engine.spec import Spec
from engine.stopping import Monitor, StoppingRule
from engine.task import Task
from engine.validation import Holdout, NoValidation, Validation
from engine.weighting import Weighting, check_class_weights

__all__ = ["Checkpoints", "Recipe", "TrainingSpec", "resolve"]

LARGEST_SEED = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""


@dataclass(frozen=True, kw_only=True)
class TrainingSpec(Spec):
    """How long, in what portions, and from which seed."""

    epochs: Annotated[int, Ge(1), Le(1_000_000)] = 100
    """How often every row is used, at the most."""
    batch_size: Annotated[int, Ge(1), Le(1_000_000)] = 32
    """The rows of a mini-batch; more than there are means full batches."""
    seed: Annotated[int, Ge(0), Le(LARGEST_SEED)] | None = None
    """Where every random number of the run comes from; drawn and reported if it is not given."""
    precision: Literal["float32", "float64"] = "float32"
    """The number format of parameters and data."""
    shuffle: bool = True
    """Whether the rows come in a new random order every epoch."""


@dataclass(frozen=True, kw_only=True)
class Checkpoints(Spec):
    """Which states of the run are kept. The best one and the last one always are."""

    every: Annotated[int, Ge(1)] | None = None
    """Also keep the state after every so many epochs."""
    keep: Annotated[int, Ge(1), Le(1000)] = 3
    """How many of those to keep, the newest ones."""


class Choices(NamedTuple):
    """What a recipe may leave open, once it is settled."""

    loss: Loss
    seed: int
    output_activation: Activation


@dataclass(frozen=True, kw_only=True)
class Recipe(Spec):
    """A network, how it is trained, and how its inputs are prepared."""

    network: NetworkSpec = field(default_factory=NetworkSpec)
    """The hidden layers; the output layer follows from the task."""
    loss: Loss | None = None
    """What is minimised; by default cross_entropy for classes and mse for numbers."""
    optimizer: Optimizer = field(default_factory=Adam)
    """How a gradient becomes a step."""
    schedule: Schedule = field(default_factory=Constant)
    """How the learning rate changes over time."""
    regularizers: Annotated[list[Regularizer], MaxLen(10)] = field(default_factory=list)
    """Preferences among weights."""
    clipping: Clipping | None = None
    """A limit for the gradient."""
    augmentation: Annotated[list[Augmentation], MaxLen(10)] = field(default_factory=list)
    """What is done to the rows of each mini-batch, in this order."""
    weighting: Weighting = field(default_factory=Weighting)
    """How much rows and classes count in training."""
    training: TrainingSpec = field(default_factory=TrainingSpec)
    """Epochs, batch size, seed, precision."""
    validation: Validation = field(default_factory=Holdout)
    """How rows are kept aside to judge the network."""
    stopping: Annotated[list[StoppingRule], MaxLen(10)] = field(default_factory=list)
    """Reasons to stop early."""
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    """Which states are kept."""
    range_test: RangeTest | None = None
    """Instead of a training, a test of which learning rates would do."""
    diagnostics: Diagnostics | None = None
    """What else is measured at the end of epochs; nothing by default."""
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    """How raw columns become numbers."""

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The precision as NumPy knows it."""
        return np.dtype(self.training.precision)

    @property
    def chosen(self) -> "Choices":
        """The open choices of a resolved recipe."""
        loss, seed, output = self.loss, self.training.seed, self.network.output_activation
        if loss is None or seed is None or output is None:
            raise InvalidSpec("The recipe still has open choices: resolve() it first.")
        return Choices(loss, seed, output)

    def with_seed(self, seed: int) -> "Recipe":
        """The same with another seed."""
        return replace(self, training=replace(self.training, seed=seed))

    def monitor(self) -> Monitor:
        """What decides which epoch is the best: the first stopping rule's metric, or the loss."""
        watched = [m for rule in self.stopping if rule.judges() and (m := rule.monitor())]
        unseen = not isinstance(self.validation, NoValidation)
        return watched[0] if watched else Monitor("validation" if unseen else "train", "loss")


def resolve(recipe: Recipe, task: Task, image: ImageSize | None = None) -> Recipe:
    """The recipe with every open choice made: loss, output activation, seed, size of images.

    Raises InvalidSpec where the recipe does not fit the task.
    """
    loss = recipe.loss or (MeanSquaredError() if task.kind == "regression" else CrossEntropy())
    if task.kind not in loss.tasks:
        fitting = [
            member.kind_name()
            for member in Loss.members()
            if issubclass(member, Loss) and task.kind in member.tasks
        ]
        raise InvalidSpec(
            f"The loss {loss.kind_name()!r} is for {' and '.join(loss.tasks)} tasks, but the "
            f"{task.named} makes this a {task.kind} one. Use one of: "
            f"{', '.join(fitting)}.",
            "/loss",
        )
    _check_monitors(recipe, task)
    _check_range_test(recipe)
    check_class_weights(recipe.weighting, task)
    _check_hidden_layers(recipe, loss)
    natural = loss.fused_activation(task.kind) or Linear()
    chosen = recipe.network.output_activation or natural
    if task.kind != "regression" and chosen != natural:
        raise InvalidSpec(
            f"The output of a {task.kind} task is {natural.kind_name()!r}, not "
            f"{chosen.kind_name()!r}: leave output_activation out.",
            "/network/output_activation",
        )
    if task.kind == "regression" and isinstance(chosen, Softmax):
        raise InvalidSpec(
            f"A softmax gives probabilities of classes, but this is a regression of the "
            f"{task.named}: use 'linear', or leave output_activation out.",
            "/network/output_activation",
        )
    if chosen != natural and not chosen.differentiable:
        raise InvalidSpec(
            f"The derivative of {chosen.kind_name()!r} is 0 wherever it has one, so the loss "
            f"{loss.kind_name()!r} could teach the network nothing through it: leave "
            "output_activation out.",
            "/network/output_activation",
        )
    seed = recipe.training.seed
    return replace(
        recipe,
        loss=loss,
        network=replace(recipe.network, output_activation=chosen),
        preprocessing=recipe.preprocessing
        if loss.scales_target
        else replace(recipe.preprocessing, target_scale="none"),
        training=replace(recipe.training, seed=draw_seed() if seed is None else seed),
        augmentation=[
            each.sized(image) if image and isinstance(each, ImageAugmentation) else each
            for each in recipe.augmentation
        ],
    )


def _check_hidden_layers(recipe: Recipe, loss: Loss) -> None:
    """Backpropagation must be able to reach every layer."""
    if recipe.network.layers and not loss.passes_back:
        raise InvalidSpec(
            f"The {loss.kind_name()} rule trains a single layer: it has no gradient that could be "
            "sent back to hidden ones. Leave the layers out, or use another loss.",
            "/network/layers",
        )
    for index, layer in enumerate(recipe.network.layers):
        activation = getattr(layer, "activation", None)
        if isinstance(activation, Activation) and not activation.differentiable:
            raise InvalidSpec(
                f"The derivative of {activation.kind_name()!r} is 0 wherever it has one, so "
                "backpropagation would send nothing back through this layer and it could not "
                "learn. Use 'sigmoid', its smooth relative.",
                f"/network/layers/{index}/activation",
            )


def _check_range_test(recipe: Recipe) -> None:
    """Rates must be what the steps go by, and there must be one training to test them in."""
    if recipe.range_test is None:
        return
    if recipe.optimizer.full_batch:
        raise InvalidSpec(
            f"{recipe.optimizer.kind_name()!r} chooses the lengths of its steps itself: a range "
            "test has nothing to find. Leave range_test out, or take another optimizer.",
            "/range_test",
        )
    if isinstance(recipe.validation, CrossValidation):
        raise InvalidSpec(
            "A range test measures the loss of mini-batches, in no folds: leave validation out.",
            "/range_test",
        )


def _check_monitors(recipe: Recipe, task: Task) -> None:
    """Whatever watches a metric must find it."""
    known = ("loss", "mae", "r2") if task.kind == "regression" else ("loss", "accuracy")
    watchers = [(f"/stopping/{i}", rule.monitor()) for i, rule in enumerate(recipe.stopping)]
    for pointer, monitor in [*watchers, ("/schedule", recipe.schedule.monitor())]:
        if monitor is None:
            continue
        if monitor.metric not in known:
            raise InvalidSpec(
                f"A {task.kind} task has no metric {monitor.metric!r}; it has {', '.join(known)}.",
                f"{pointer}/metric",
            )
        if monitor.part == "validation" and _refits(recipe) and pointer == "/schedule":
            raise InvalidSpec(
                "The last network is trained on all rows, so that its schedule has no validation "
                "rows to watch: set part to 'train', or refit to false in validation.",
                "/schedule/part",
            )
        if monitor.part == "validation" and isinstance(recipe.validation, NoValidation):
            raise InvalidSpec(
                "There are no validation rows to watch: set part to 'train', or let validation "
                "hold some rows out.",
                f"{pointer}/part",
            )


def _refits(recipe: Recipe) -> bool:
    return isinstance(recipe.validation, CrossValidation) and recipe.validation.refit
