"""A training that starts from the weights of another one, or from given weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.table import Table
from engine.data.task import Task, listed
from engine.errors import InvalidSpec, json_pointer
from engine.model import Model
from engine.recipe import Recipe
from engine.state import TrainingState
from engine.training.fresh_state import fresh_state
from engine.training.planning import Outline, trained_network

__all__ = ["check_preprocessor", "given_state", "initial_state"]

MODEL, OPTIMIZER = "/initial/model", "/initial/optimizer_state"


def initial_state(
    outline: Outline, source: Model, state: TrainingState, *, optimizer_state: bool
) -> TrainingState:
    """The state of a training of ``outline`` that begins with the weights of ``source``.

    ``state`` is that of the source's own training. With ``optimizer_state`` what its optimizer
    remembers (moments, the number of updates that they are means of) is taken over too; it is
    otherwise a training like any other, with a schedule, epochs and stopping rules of its own.
    Raises InvalidSpec where networks or optimizers do not fit. No row is read for it and nothing
    compiled.
    """
    _check_layers(outline, source)
    fresh = fresh_state(outline.recipe, outline.network, outline.task)
    begun = replace(
        fresh,
        theta=_converted(state.theta, fresh.theta, MODEL),
        layer_state=_converted(state.layer_state, fresh.layer_state, MODEL),
    )
    if not optimizer_state:
        return begun
    own, other = outline.recipe.optimizer, source.recipe.optimizer
    if own.kind_name() != other.kind_name():
        raise InvalidSpec(
            f"The model was trained by {other.kind_name()!r}, whose memory {own.kind_name()!r} "
            "cannot use: take the same optimizer, or leave optimizer_state out.",
            OPTIMIZER,
        )
    return replace(
        begun,
        slots=_converted(state.slots, fresh.slots, OPTIMIZER),
        scalars=_converted(state.scalars, fresh.scalars, OPTIMIZER),
        step=state.step,
        first_step=state.step,
    )


def given_state(
    recipe: Recipe, task: Task, width: int, arrays: Mapping[str, NDArray[Any]]
) -> TrainingState:
    """The state of a network with ``width`` features and given weights, as if never trained.

    ``arrays`` are its blocks and running statistics by name, shaped as the network has them: a
    weight is (units, inputs). Raises InvalidSpec, with the name as the pointer, where one is
    missing, too many, of another shape, or not finite in the recipe's precision.
    """
    network, dtype = trained_network(recipe, width, task), recipe.dtype
    theta, state = np.empty(network.parameters, dtype), np.empty(network.state, dtype)
    places = network.named(theta) | network.named_state(state)
    for name in arrays:
        if name not in places:
            raise InvalidSpec(
                f"The network has no {name[:100]!r}. It has {listed(places, 20)}.",
                json_pointer(name),
            )
    for name, place in places.items():
        if name not in arrays:
            raise InvalidSpec(f"{name!r} is missing: it is {_shape(place.shape)}.", "")
        found = np.asarray(arrays[name])
        if found.shape != place.shape:
            raise InvalidSpec(
                f"{name!r} is {_shape(found.shape)}, but the network needs {_shape(place.shape)}.",
                json_pointer(name),
            )
        with np.errstate(over="ignore"):
            place[...] = found
        if not np.isfinite(place).all():
            raise InvalidSpec(
                f"{name!r} has numbers that are not finite in {dtype}.", json_pointer(name)
            )
    return fresh_state(recipe, network, task, theta=theta, layer_state=state)


def check_preprocessor(source: Model, table: Table, outline: Outline) -> None:
    """Check that a model's preparation of its inputs is for this data.

    Raises InvalidSpec where columns differ, and InvalidData, naming row and column, where a number
    is too large for the model's scales. Of each column two rows are transformed.
    """
    task, own = source.task, outline.task
    if task != own:
        raise InvalidSpec(
            f"The model predicts {_told(task)}, but this job is to learn {_told(own)}.", MODEL
        )
    for name, kind in source.preprocessor.inputs.items():
        if name not in table.columns:
            raise InvalidSpec(
                f"The model needs a column {name!r}, which the data lack: set preprocessing to "
                "'fit' to prepare the inputs anew.",
                "/initial/preprocessing",
            )
        if (kind == "string") != (table.kinds[name] == "string"):
            raise InvalidSpec(
                f"The column {name!r} is {table.kinds[name]} here, but the model knows it as "
                f"{kind}: set preprocessing to 'fit' to prepare the inputs anew.",
                "/initial/preprocessing",
            )

    known = source.preprocessor
    rows = _extreme_rows(table, [column.name for column in known.numeric])
    known.transform(table, outline.recipe.dtype, rows)


def _extreme_rows(table: Table, columns: Iterable[str]) -> NDArray[np.intp]:
    """The rows with the smallest and the largest number of each column.

    Scaling keeps the order of numbers: if these can be scaled, all can.
    """
    found: set[int] = set()
    for name in columns:
        values = table.columns[name]
        if table.kinds[name] != "string" and not (missing := np.isnan(values)).all():
            found |= {
                int(np.argmin(np.where(missing, np.inf, values))),
                int(np.argmax(np.where(missing, -np.inf, values))),
            }
    return np.array(sorted(found), np.intp)


def _told(task: Any) -> str:
    classes = f" among {', '.join(map(str, task.classes[:20]))}" if task.classes else ""
    return f"the {task.named} ({task.kind}{classes})"


def _check_layers(outline: Outline, source: Model) -> None:
    """Raise InvalidSpec unless both networks have blocks of the same names and shapes."""
    own = {name: place.block.shape for name, place in outline.network.places.items()}
    other = {name: place.block.shape for name, place in source.network.places.items()}
    for name in dict.fromkeys([*own, *other]):
        if own.get(name) != other.get(name):
            raise InvalidSpec(
                f"{name} is {_shape(other.get(name))} in the model, but {_shape(own.get(name))} in "
                "this job: both need the same layers and the same inputs.",
                MODEL,
            )


def _shape(shape: tuple[int, ...] | None) -> str:
    return "not there" if shape is None else " x ".join(map(str, shape)) or "a single number"


def _converted(values: NDArray[Any], like: NDArray[Any], pointer: str) -> NDArray[Any]:
    """The values in the precision of ``like``.

    Raises InvalidSpec where their shape differs, or where some are too large for that precision.
    """
    if values.shape != like.shape:
        raise InvalidSpec("The model's network keeps other running statistics.", pointer)
    with np.errstate(over="ignore"):
        converted: NDArray[Any] = values.astype(like.dtype)
    if not np.isfinite(converted).all():
        raise InvalidSpec(
            f"Some of the model's numbers are too large for {like.dtype}: set precision to "
            "'float64'.",
            "/training/precision",
        )
    return converted
