"""Making the open choices of a recipe, and refusing what does not fit its task."""

from dataclasses import replace

from engine.activations import Activation, Linear, Softmax
from engine.augmentation import ImageAugmentation, ImageSize
from engine.data.folds import CrossValidation
from engine.data.task import Task
from engine.data.validation import NoValidation
from engine.data.weighting import check_class_weights
from engine.errors import InvalidSpec
from engine.losses import CrossEntropy, Loss, MeanSquaredError
from engine.metrics import metric_names
from engine.randomness import draw_seed
from engine.recipe import Recipe

__all__ = ["resolve"]


def resolve(recipe: Recipe, task: Task, image: ImageSize | None = None) -> Recipe:
    """The recipe with every open choice made: loss, output activation, seed, size of images.

    Raises InvalidSpec where the recipe does not fit the task.
    """
    loss = _loss(recipe, task)
    _check_monitors(recipe, task)
    _check_range_test(recipe)
    check_class_weights(recipe.weighting, task)
    _check_hidden_layers(recipe, loss)
    activation = _output_activation(recipe, task, loss)
    seed = recipe.training.seed
    return replace(
        recipe,
        loss=loss,
        network=replace(recipe.network, output_activation=activation),
        preprocessing=recipe.preprocessing
        if loss.scales_target
        else replace(recipe.preprocessing, target_scale="none"),
        training=replace(recipe.training, seed=draw_seed() if seed is None else seed),
        augmentation=[
            each.sized(image) if image and isinstance(each, ImageAugmentation) else each
            for each in recipe.augmentation
        ],
    )


def _loss(recipe: Recipe, task: Task) -> Loss:
    """The loss of the recipe, or the usual one of the task. Raises InvalidSpec where it misfits."""
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
    return loss


def _output_activation(recipe: Recipe, task: Task, loss: Loss) -> Activation:
    """The output activation of the recipe, or what the loss contains for the task.

    Raises InvalidSpec where the task or the loss cannot do with it.
    """
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
    return chosen


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
    known = metric_names(task.kind)
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
