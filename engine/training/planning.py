"""An outline: a resolved recipe applied to a table, and the plan of the run that follows.

Rows are split, the preprocessing is fitted and the network laid out; nothing big is allocated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from engine.activations import Linear
from engine.data.preprocessing import Preprocessing, Preprocessor
from engine.data.split import Split, split
from engine.data.table import Table, portions, row_of
from engine.data.task import Task, shown
from engine.data.weighting import check_weight_column, row_weights
from engine.errors import InvalidData, InvalidSpec
from engine.program.network import LayerPlan, Network
from engine.randomness import seed_of_fold
from engine.recipe import Recipe

__all__ = ["Outline", "Plan", "capacity", "outline", "trained_network"]

EVALUATION_ROWS = 256
"""The least number of rows that are evaluated at a time (fewer if there are fewer)."""


@dataclass(frozen=True)
class Plan:
    """The size of a run, known before anything of it is allocated.

    ``memory_bytes`` is what the run needs at its peak, ``layers`` the summary of the network,
    ``input_width`` the number of features.
    """

    input_width: int
    outputs: int
    layers: tuple[LayerPlan, ...]
    parameters: int
    memory_bytes: int
    train_rows: int
    validation_rows: int
    batch_size: int
    steps_per_epoch: int
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Outline:
    """A resolved recipe applied to a table: its split, fitted preprocessing, network and plan."""

    recipe: Recipe
    task: Task
    split: Split
    preprocessor: Preprocessor
    network: Network
    plan: Plan


def outline(
    recipe: Recipe,
    table: Table,
    task: Task,
    *,
    fold: int = 0,
    preprocessor: Preprocessor | None = None,
    validation_table: Table | None = None,
) -> Outline:
    """Split the table, fit the preprocessing and lay out the network.

    ``recipe`` must be resolved. Of a cross-validation it is one fold that is outlined, with a seed
    of its own, or for fold 0 the training on all rows. A ``preprocessor`` that was fitted before
    may be given, and ``validation_table`` is the table of another dataset to validate on. Raises
    InvalidSpec or InvalidData where they do not fit together.
    """
    _check_targets(recipe, table, task)
    parts = split(recipe.validation, table, task, recipe.chosen.seed, fold, validation_table)
    if fold:
        recipe = recipe.with_seed(seed_of_fold(recipe.chosen.seed, fold))
    train_indices = parts.train_indices
    if preprocessor is None:
        preprocessor = Preprocessor.fit(_inputs(recipe, table, task), table, task, train_indices)
    _check_validation_table(parts, preprocessor)
    row_weights(recipe.weighting, table, task, train_indices)  # where they are wrong, say so now
    _check_augmentation(recipe, preprocessor)
    network = trained_network(recipe, preprocessor.width, task)
    return Outline(
        recipe, task, parts, preprocessor, network, _plan(recipe, parts, preprocessor, network)
    )


def _check_targets(recipe: Recipe, table: Table, task: Task) -> None:
    """Raise InvalidData where the loss cannot make sense of a target."""
    loss = recipe.chosen.loss
    if task.kind != "regression":
        return
    for target in task.targets:
        for _, part in portions(table.rows):
            values = table.part(target, part)
            wrong = values < loss.least_target  # false for what is missing
            if not wrong.any():
                continue
            place = int(wrong.argmax())
            raise InvalidData(
                f"Row {row_of(part, place)}, column {target!r}: {shown(float(values[place]))} is "
                f"less than {loss.least_target:g}, the least that the loss {loss.kind_name()!r} is "
                "for. Use another loss, or leave such rows out.",
                "/loss",
                row=row_of(part, place),
                column=target,
            )


def _check_validation_table(parts: Split, preprocessor: Preprocessor) -> None:
    """Raise InvalidSpec where another dataset is not what the network could judge."""
    if parts.validation_table is None:
        return
    try:
        preprocessor.transform(parts.validation_table, rows=parts.validation_indices[:1])
        preprocessor.encode_target(parts.validation_table, rows=parts.validation_indices)
    except InvalidData as error:
        message = f"The dataset to validate on does not fit: {error.message}"
        raise InvalidSpec(message, "/validation/id") from None


def _check_augmentation(recipe: Recipe, preprocessor: Preprocessor) -> None:
    for place, augmentation in enumerate(recipe.augmentation):
        try:
            augmentation.check(preprocessor.width)
        except InvalidSpec as error:
            raise InvalidSpec(error.message, f"/augmentation/{place}{error.pointer}") from None


def _inputs(recipe: Recipe, table: Table, task: Task) -> Preprocessing:
    """The preprocessing with the column of row weights left out of the inputs."""
    column = recipe.weighting.column
    if column is None:
        return recipe.preprocessing
    check_weight_column(column, table, task)
    dropped = recipe.preprocessing.drop
    if column in dropped:
        return recipe.preprocessing
    return replace(recipe.preprocessing, drop=[*dropped, column])


def trained_network(recipe: Recipe, inputs: int, task: Task) -> Network:
    """The network as it is trained.

    The activation of the output is left to the loss where that contains it.
    """
    loss, _, activation = recipe.chosen
    fused = loss.fused_activation(task.kind) == activation
    return Network(recipe.network, inputs, task.outputs, Linear() if fused else activation)


def _plan(recipe: Recipe, parts: Split, preprocessor: Preprocessor, network: Network) -> Plan:
    rows, validation_rows = parts.counts
    batch_size = min(recipe.training.batch_size, rows)
    if recipe.optimizer.full_batch and batch_size < rows:
        raise InvalidSpec(
            f"{recipe.optimizer.kind_name()!r} compares gradients of successive steps, so each "
            f"must see all rows: set batch_size to {rows} or more.",
            "/training/batch_size",
        )
    warnings = [*parts.warnings, *preprocessor.warnings]
    if recipe.training.batch_size > rows:
        warnings.append(
            f"batch_size {recipe.training.batch_size} is more than the {rows} training rows: "
            "every epoch is one full batch of them."
        )
    vectors = 2 * (2 + len(recipe.optimizer.slots()))
    numbers = (
        vectors * network.parameters
        + capacity(batch_size, rows, validation_rows) * network.row_buffers()
        + (rows + validation_rows) * (network.inputs + 1)
        + (
            network.inputs * capacity(batch_size, rows, validation_rows)
            if recipe.augmentation
            else 0
        )
    )
    return Plan(
        input_width=network.inputs,
        outputs=network.outputs,
        layers=network.layers,
        parameters=network.parameters,
        memory_bytes=numbers * recipe.dtype.itemsize,
        train_rows=rows,
        validation_rows=validation_rows,
        batch_size=batch_size,
        steps_per_epoch=ceil(rows / batch_size),
        warnings=tuple(warnings),
    )


def capacity(batch_size: int, rows: int, validation_rows: int) -> int:
    """How many rows a program must hold at a time, to train and to validate."""
    return max(batch_size, min(EVALUATION_ROWS, max(rows, validation_rows)))
